package ckpt

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// MaxManifest bounds a manifest's bytes.
const MaxManifest = 4 << 20

// encodeCanonical is the one JSON form of v: no spaces, no HTML escapes; struct fields are declared in sorted order.
func encodeCanonical(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// parseCanonical decodes b into v and refuses every byte that encoding v again would not give.
func parseCanonical(what string, b []byte, v any) error {
	if len(b) > MaxManifest {
		return fmt.Errorf("%s: %d bytes exceed the limit of %d", what, len(b), MaxManifest)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	again, err := encodeCanonical(v)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if !bytes.Equal(again, b) {
		at := 0
		for at < min(len(again), len(b)) && again[at] == b[at] {
			at++
		}
		return fmt.Errorf("%s: not in canonical form at byte %d", what, at)
	}
	return nil
}
