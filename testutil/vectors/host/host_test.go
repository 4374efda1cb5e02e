package host

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/optim"
)

// ops compute a vector's outputs, in order, from its shape and generator; testutil/vectors/host.h and tables.h say what
// the numbers of a shape are.
var ops = map[string]func(t *testing.T, g *exact.Gen, s []int) [][]float32{
	"ropelinear": func(_ *testing.T, _ *exact.Gen, s []int) [][]float32 {
		return tables(s, llm.RopeScaling{Type: llm.RopeLinear, Factor: float64(s[3])})
	},
	"ropellama3": func(_ *testing.T, _ *exact.Gen, s []int) [][]float32 {
		return tables(s, llm.RopeScaling{Type: llm.RopeLlama3, Factor: float64(s[3]), LowFreq: float64(s[4]), HighFreq: float64(s[5]),
			Original: s[6]})
	},
	"adamw": adamW,
	"q4":    q4,
	"fold":  fold,
}

func fill(g *exact.Gen, n int) []float32 {
	x := make([]float32, n)
	g.Fill(x)
	return x
}

// tables are cos and sin, [positions][head/2].
func tables(shape []int, s llm.RopeScaling) [][]float32 {
	var cos, sin []float32
	for t := range shape[0] {
		for i := range shape[1] / 2 {
			f := s.Frequency(exact.Pow64(float64(shape[2]), -2*float64(i)/float64(shape[1])))
			sn, c := exact.SinCos64(float64(float64(t) * f))
			cos, sin = append(cos, float32(c)), append(sin, float32(sn))
		}
	}
	return [][]float32{cos, sin}
}

func adamW(t *testing.T, g *exact.Gen, s []int) [][]float32 {
	ad, err := lora.New(ckpt.AdapterSpec{Rank: s[0], Alpha: 1, Targets: []string{"q_proj"}},
		[]lora.Module{{Name: "q_proj", Out: s[1], In: s[1]}})
	if err != nil {
		t.Fatal(err)
	}
	copy(ad.Params, fill(g, len(ad.Params)))
	o := optim.New(optim.AdamW{LR: float64(s[3]) / 1e6, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Clip: float64(s[4]) / 1e3,
		WeightDecay: float64(s[5]) / 1e3, Schedule: "constant"})
	st, norms := optim.NewMoments(len(ad.Params)), make([]float32, 3)
	for step := range norms {
		n, ok := o.Step(nil, ad, st, fill(g, len(ad.Params)), s[2], step)
		if !ok {
			t.Fatal("a step was refused")
		}
		norms[step] = float32(n)
	}
	return [][]float32{ad.Params, st.M, st.V, norms}
}

func q4(t *testing.T, g *exact.Gen, s []int) [][]float32 {
	b, err := delta.Q4{}.Encode(fill(g, s[0]))
	if err != nil {
		t.Fatal(err)
	}
	x, err := delta.Q4{}.Decode(b, s[0])
	if err != nil {
		t.Fatal(err)
	}
	var scales []float32
	for at := 0; at < len(b); at += 2 + 32 { // a full block is a scale and 32 bytes
		scales = append(scales, math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[at:]))<<16))
	}
	return [][]float32{x, scales}
}

func fold(t *testing.T, g *exact.Gen, s []int) [][]float32 {
	p, mom := fill(g, s[1]), fill(g, s[1])
	cs := make([]checkpoint.Delta, s[0])
	for j := range cs {
		tokens := 1 + g.Next()%1000
		cs[j] = checkpoint.Delta{Trainer: string(rune('a' + j)), Tokens: tokens, Change: fill(g, s[1])}
	}
	p, mom, err := checkpoint.Aggregate(p, mom, cs, checkpoint.Outer{LR: float64(s[2]) / 1e3, Momentum: float64(s[3]) / 1e3,
		Nesterov: s[4] != 0, NormCap: float64(s[5]) / 1e3})
	if err != nil {
		t.Fatal(err)
	}
	return [][]float32{p, mom}
}

// TestHostVectors recomputes the vectors of ops.
func TestHostVectors(t *testing.T) {
	raw, err := os.ReadFile("../../../trainer/exact/testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(line)
		op, ok := ops[f[1]]
		if !ok {
			continue
		}
		var s []int
		for _, d := range strings.Split(f[3], "x") {
			n, err := strconv.Atoi(d)
			if err != nil {
				t.Fatalf("%s: %v", f[0], err)
			}
			s = append(s, n)
		}
		seed, err := strconv.ParseUint(f[4], 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", f[0], err)
		}
		h := sha256.New()
		for _, x := range op(t, &exact.Gen{State: seed}, s) {
			for _, v := range x {
				h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
			}
		}
		if got := fmt.Sprintf("%x", h.Sum(nil)); got != f[5] {
			t.Errorf("%s: output has sha256 %s, must have %s", f[0], got, f[5])
		}
		seen[f[1]] = true
	}
	if len(seen) < len(ops) {
		t.Errorf("only %v have vectors", seen)
	}
}
