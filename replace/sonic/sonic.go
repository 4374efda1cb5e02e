// Package sonic stands in for github.com/bytedance/sonic, which the SDK's logger uses to write and read JSON. The real one
// makes machine code at run time; for the lines of a log the standard library does.
package sonic

import "encoding/json"

// Marshal is json.Marshal.
func Marshal(v any) ([]byte, error) { return json.Marshal(v) }

// Unmarshal is json.Unmarshal.
func Unmarshal(raw []byte, v any) error { return json.Unmarshal(raw, v) }
