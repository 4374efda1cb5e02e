// Package otelconf stands in for go.opentelemetry.io/contrib/otelconf, which links every exporter of OpenTelemetry. The SDK
// reads a node's otel.yaml with it unless that file is empty or missing; then this one refuses.
package otelconf

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

var errUnsupported = errors.New("this program has no OpenTelemetry exporters: leave otel.yaml empty")

// OpenTelemetryConfiguration is what otel.yaml says.
type OpenTelemetryConfiguration struct{}

// ParseYAML refuses.
func ParseYAML([]byte) (*OpenTelemetryConfiguration, error) { return nil, errUnsupported }

// ConfigurationOption is an option of NewSDK.
type ConfigurationOption struct{}

// WithOpenTelemetryConfiguration gives NewSDK a configuration.
func WithOpenTelemetryConfiguration(OpenTelemetryConfiguration) ConfigurationOption {
	return ConfigurationOption{}
}

// SDK holds exporters. There is none.
type SDK struct{}

// NewSDK refuses.
func NewSDK(...ConfigurationOption) (SDK, error) { return SDK{}, errUnsupported }

// TracerProvider has no exporters to give.
func (*SDK) TracerProvider() trace.TracerProvider { return nil }

// MeterProvider has no exporters to give.
func (*SDK) MeterProvider() metric.MeterProvider { return nil }

// LoggerProvider has no exporters to give.
func (*SDK) LoggerProvider() log.LoggerProvider { return nil }

// Shutdown has nothing to end.
func (*SDK) Shutdown(context.Context) error { return nil }
