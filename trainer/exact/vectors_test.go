package exact

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"
)

// vector is one line of testdata/vectors.txt, which testutil/vectors/vectors.c makes without any code of this package.
type vector struct {
	id, op, numerics string
	shape            []int
	seed             uint64
	sum              string
}

func readVectors(t *testing.T) (vs []vector) {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if f[0] == "#" {
			continue
		}
		if len(f) != 6 {
			t.Fatalf("vectors.txt: %q has %d fields, not 6", line, len(f))
		}
		v := vector{id: f[0], op: f[1], numerics: f[2], sum: f[5]}
		for _, d := range strings.Split(f[3], "x") {
			n, err := strconv.Atoi(d)
			if err != nil {
				t.Fatalf("vectors.txt: %s: %v", v.id, err)
			}
			v.shape = append(v.shape, n)
		}
		if v.seed, err = strconv.ParseUint(f[4], 10, 64); err != nil {
			t.Fatalf("vectors.txt: %s: %v", v.id, err)
		}
		vs = append(vs, v)
	}
	return vs
}

func littleEndianSum(xs [][]float32) string {
	h := sha256.New()
	for _, x := range xs {
		b := make([]byte, 0, 4*len(x))
		for _, v := range x {
			u := math.Float32bits(v)
			b = append(b, byte(u), byte(u>>8), byte(u>>16), byte(u>>24))
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hostOps are operations of other packages, which testutil/vectors/host checks.
var hostOps = []string{"ropelinear", "ropellama3", "adamw", "q4", "fold"}

// TestVectors recomputes every vector on every kernel of this processor, with one thread and with three.
func TestVectors(t *testing.T) {
	vs := readVectors(t)
	if len(vs) < 1600 {
		t.Fatalf("only %d vectors", len(vs))
	}
	for _, num := range []Numerics{F32, BFloat16} {
		for _, k := range kernels(num) {
			for _, threads := range []int{1, 3} {
				t.Run(fmt.Sprintf("%s/%s/%d", num, k.name, threads), func(t *testing.T) {
					e := newEngine(arith{num: num, k: k}, threads)
					for _, v := range vs {
						if v.numerics != "any" && v.numerics != string(num) {
							continue
						}
						if slices.Contains(hostOps, v.op) {
							continue
						}
						op, ok := vectorOps[v.op]
						if !ok {
							t.Fatalf("%s: unknown operation", v.id)
						}
						in := inputs{&Gen{State: v.seed}, e}
						if got := littleEndianSum(op(in, v.shape)); got != v.sum {
							t.Errorf("%s: output has sha256 %s, must have %s", v.id, got, v.sum)
						}
					}
				})
			}
		}
	}
}

// mutantTiles continue chains with a wrong multiply-add.
func mutantTiles(mac func(a, b, acc float32) float32) (ts []tileFunc) {
	for rows := 1; rows <= goMR; rows++ {
		ts = append(ts, func(k int, a *uint32, row, unit int, b *uint32, c *float32, ldc, load int) {
			as, bs := unsafe.Slice(a, (rows-1)*row+(k-1)*unit+1), unsafe.Slice(b, k*goNR)
			cs := unsafe.Slice(c, (rows-1)*ldc+goNR)
			for i := range rows {
				for j := range goNR {
					acc := float32(0)
					if load != 0 {
						acc = cs[i*ldc+j]
					}
					for u := range k {
						acc = mac(math.Float32frombits(as[i*row+u*unit]), math.Float32frombits(bs[u*goNR+j]), acc)
					}
					cs[i*ldc+j] = acc
				}
			}
		})
	}
	return ts
}

// TestVectorsCatchProducts checks that chains as other hardware and libraries make them fail some vector.
func TestVectorsCatchProducts(t *testing.T) {
	apart := func(a, b, acc float32) float32 { return acc + float32(a*b) }
	for _, m := range []struct {
		name  string
		rules Numerics // of the vectors
		order Numerics // that the mutant takes k in
		mac   func(a, b, acc float32) float32
	}{
		{"even element first", BFloat16, F32, FMA},
		{"odd element first", F32, BFloat16, FMA},
		{"product and sum each rounded", F32, F32, apart},
		{"accumulator flushed", F32, F32, func(a, b, acc float32) float32 { return Z(FMA(a, b, acc)) }},
	} {
		e := newEngine(arith{num: m.order, k: kernel{name: m.name, mr: goMR, nr: goNR, tiles: mutantTiles(m.mac)}}, 1)
		def := newEngine(arith{num: m.rules, k: goKernel()}, 1)
		failed := 0
		for _, v := range readVectors(t) {
			if v.op == "matmul" && v.numerics == string(m.rules) {
				if littleEndianSum(vectorProduct(inputs{&Gen{State: v.seed}, def}, e, v.shape[0], v.shape[1], v.shape[2])) != v.sum {
					failed++
				}
			}
		}
		if failed == 0 {
			t.Errorf("mutant %q passes every product's vector", m.name)
		}
		t.Logf("mutant %q fails %d vectors", m.name, failed)
	}
}

// TestVectorsCatchFunctions does the same for single numbers.
func TestVectorsCatchFunctions(t *testing.T) {
	each := func(f func(float32) float32) func(in inputs, n int) [][]float32 {
		return func(in inputs, n int) [][]float32 { return apply(in.ties(n), f) }
	}
	mutants := map[string]struct {
		op  string
		run func(in inputs, n int) [][]float32
	}{
		"flush at 2^-126": {"z", each(func(x float32) float32 { return x })},
		"flush at 2^-41":  {"z", each(func(x float32) float32 { return Z(2*x) / 2 })},
		"truncated bf16":  {"bf16", each(func(x float32) float32 { return Z(math.Float32frombits(math.Float32bits(x) &^ 0xffff)) })},
		"bf16 ties away":  {"bf16", each(func(x float32) float32 { return Z(math.Float32frombits((math.Float32bits(x) + 0x8000) &^ 0xffff)) })},
		"the library's e^": {"exp", func(in inputs, n int) [][]float32 {
			return apply(in.wide(n, -20, 6), func(x float32) float32 { return float32(math.Exp(float64(x))) })
		}},
		"fma rounded twice": {"fmahard", func(in inputs, n int) [][]float32 {
			y := make([]float32, n)
			for i := range y {
				a, b, c := in.hard()
				y[i] = float32(math.FMA(float64(a), float64(b), float64(c)))
			}
			return [][]float32{y}
		}},
		"true reciprocal": {"recip", func(in inputs, n int) [][]float32 {
			return apply(magnitude(in.wide(n, -60, 60), 0), func(x float32) float32 { return 1 / x })
		}},
	}
	vs := readVectors(t)
	for name, m := range mutants {
		for _, v := range vs {
			if v.op == m.op && littleEndianSum(m.run(inputs{g: &Gen{State: v.seed}}, v.shape[0])) == v.sum {
				t.Errorf("mutant %q passes %s", name, v.id)
			}
		}
	}
}
