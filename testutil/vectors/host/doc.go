// Package host checks what is computed outside package exact against the conformance vectors: scaled rotary tables, the
// optimizer, the codec and the fold. Package exact checks all other vectors itself.
package host
