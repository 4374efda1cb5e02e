package loss

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/golden.txt")

// TestGoldenBits pins bits: a processor, compiler or release of gorgonia that gives others is found here. A line is an
// expression, the loss of five tokens, its derivatives, and the first bytes of the sha256 of both for 1,000 tokens.
func TestGoldenBits(t *testing.T) {
	var b strings.Builder
	for _, text := range documented {
		e := registered(t, text)
		logp, grad := ramp(5), make([]float64, 5)
		fmt.Fprintf(&b, "%s\n\t%016x", text, math.Float64bits(e.Sequence(logp, grad)))
		for _, g := range grad {
			fmt.Fprintf(&b, " %016x", math.Float64bits(g))
		}
		grad = make([]float64, 1000)
		all := binary.LittleEndian.AppendUint64(nil, math.Float64bits(e.Sequence(ramp(1000), grad)))
		for _, g := range grad {
			all = binary.LittleEndian.AppendUint64(all, math.Float64bits(g))
		}
		fmt.Fprintf(&b, " %x\n", sha256.Sum256(all))
	}
	const file = "testdata/golden.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("bits have changed, which breaks runs under way; got\n%s", b.String())
	}
}
