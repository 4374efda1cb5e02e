package delta

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

func change(t *rapid.T) []float32 {
	x := rapid.SliceOfN(rapid.Float32Range(-1, 1), 1, 300).Draw(t, "x")
	x[0] = 0.5
	return x
}

// TestQ4 bounds the error by half a level and checks that decoding and encoding again gives the same bytes.
func TestQ4(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := change(t)
		b, err := Q4{}.Encode(x)
		if err != nil {
			t.Fatal(err)
		}
		y, err := Q4{}.Decode(b, len(x))
		if err != nil {
			t.Fatal(err)
		}
		for lo := 0; lo < len(x); lo += q4Block {
			top := 0.0
			for _, v := range x[lo:min(len(x), lo+q4Block)] {
				top = max(top, math.Abs(float64(v)))
			}
			for i := lo; i < min(len(x), lo+q4Block); i++ {
				if e := math.Abs(float64(x[i] - y[i])); e > top/14*1.01 {
					t.Fatalf("parameter %d: %g became %g with a block maximum of %g", i, x[i], y[i], top)
				}
			}
		}
	})
}

func TestF32IsTheIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := change(t)
		b, err := F32{}.Encode(x)
		if err != nil {
			t.Fatal(err)
		}
		y, err := F32{}.Decode(b, len(x))
		if err != nil {
			t.Fatal(err)
		}
		for i := range x {
			if math.Float32bits(x[i]) != math.Float32bits(y[i]) {
				t.Fatalf("%g became %g", x[i], y[i])
			}
		}
	})
}

func TestWhatMustNotBeFoldedIsRefused(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []Codec{F32{}, Q4{}} {
		if _, err := c.Encode([]float32{0, 0}); !errors.Is(err, ErrZero) {
			t.Errorf("%s: zero change: %v", c.Name(), err)
		}
		if _, err := c.Encode([]float32{1, nan}); !errors.Is(err, ErrNotFinite) {
			t.Errorf("%s: NaN: %v", c.Name(), err)
		}
		if _, err := c.Decode(make([]byte, 3), 1000); !errors.Is(err, ErrSize) {
			t.Errorf("%s: short body: %v", c.Name(), err)
		}
	}
	if _, err := (Q4{}).Decode([]byte{0, 0, 0x88}, 2); !errors.Is(err, ErrZero) {
		t.Errorf("zero levels: %v", err)
	}
	if _, err := (Q4{}).Decode([]byte{0x80, 0x3f, 0x08}, 2); !errors.Is(err, ErrEncoding) {
		t.Errorf("level -8: %v", err)
	}
	if _, err := (Q4{}).Decode([]byte{0x80, 0x7f, 0x99}, 2); !errors.Is(err, ErrNotFinite) {
		t.Errorf("infinite scale: %v", err)
	}
}

func FuzzQ4Decode(f *testing.F) {
	good, err := Q4{}.Encode([]float32{1, -2, 3})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, 3)
	f.Add([]byte{}, 0)
	f.Add([]byte{0x80, 0x3f, 0x88}, 1)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if n < 0 || n > 1<<16 {
			return
		}
		if x, err := (Q4{}).Decode(b, n); err == nil && (len(x) != n || judge(x) != nil) {
			t.Fatalf("accepted %d numbers for %d: %v", len(x), n, judge(x))
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(File{Steps: 3, Leaves: make([]digest.Digest, 3), Payload: []byte("x")}.Encode())
	f.Add([]byte(fileMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Parse(b)
		if err == nil && !bytes.Equal(d.Encode(), b) {
			t.Fatal("Parse accepted what Encode does not give")
		}
	})
}

// A file carries the leaves of the longest trace that a spec allows, and not one more.
func TestLeavesAreBounded(t *testing.T) {
	for n, ok := range map[int]bool{1: false, 2: true, protocol.MaxLeaves: true, protocol.MaxLeaves + 1: false} {
		if _, err := Parse(File{Leaves: make([]digest.Digest, n)}.Encode()); (err == nil) != ok {
			t.Errorf("%d leaves: %v", n, err)
		}
	}
}
