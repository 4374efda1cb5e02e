package main

import "testing"

func TestByteSize(t *testing.T) {
	for s, want := range map[string]byteSize{"0": 0, "4096": 4096, "1.5GB": 1.5e9, "1.5g": 1.5e9, "900MiB": 900 << 20, "8 GB": 8e9,
		"2gib": 2 << 30, "3kb": 3000, "7B": 7} {
		var b byteSize
		if err := b.Set(s); err != nil || b != want {
			t.Errorf("%q is %d (%v), want %d", s, b, err, want)
		}
	}
	for _, s := range []string{"", "GB", "-1GB", "1.5Q", "NaN", "1e30GB", "many"} {
		if b := byteSize(7); b.Set(s) == nil || b != 7 {
			t.Errorf("%q was taken as %d", s, b)
		}
	}
}
