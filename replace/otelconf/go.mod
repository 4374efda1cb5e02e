module go.opentelemetry.io/contrib/otelconf

go 1.26

require (
	go.opentelemetry.io/otel/log v0.20.0
	go.opentelemetry.io/otel/metric v1.46.0
	go.opentelemetry.io/otel/trace v1.46.0
)
