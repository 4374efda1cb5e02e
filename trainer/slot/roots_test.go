package slot_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/x/round/protocol"
)

// The roots in testdata/roots.txt are those of twenty steps on three bases. They were written once; every kernel, number of
// threads, amount of memory, compiler target and processor has to reproduce them: `make bits` runs this file as
// GOAMD64=v1 and v3, and as arm64 and s390x under qemu-user.

var writeRoots = flag.Bool("roots", false, "write testdata/roots.txt")

// wide is two layers of SmolLM2-135M's width with random weights.
type wide struct{ llm.Config }

func newWide() wide {
	return wide{llm.Config{Layers: 2, Hidden: 576, FF: 1536, Heads: 9, KVHeads: 3, Head: 64, Vocab: 300, MaxPositions: 64, Eps: 1e-5,
		RopeTheta: 100000, Tied: true, BOS: -1}}
}

func (w wide) Tensor(name string) ([]float32, []int, error) {
	h := sha256.Sum256([]byte(name))
	g, shape, n := &exact.Gen{State: binary.LittleEndian.Uint64(h[:])}, []int{w.Hidden}, w.Hidden
	if strings.Contains(name, "embed") {
		shape, n = []int{w.Vocab, w.Hidden}, w.Vocab*w.Hidden
	} else if strings.Contains(name, "proj") {
		parts := strings.Split(name, ".")
		out, in := w.Dims(parts[len(parts)-2])
		shape, n = []int{out, in}, out*in
	}
	x := make([]float32, n)
	for i := range x {
		u := float32(int64(g.Next())>>40) / (1 << 23)
		if x[i] = 1 + u/4; len(shape) == 2 {
			x[i] = u / 12
		}
	}
	return x, shape, nil
}

// rootBase is a base of the roots: how to load it and what to train on.
type rootBase struct {
	name  string
	load  func(e *exact.Engine, memory int64) (*llm.Model, error)
	c     llm.Config
	rows  uint32
	batch uint32
}

func rootBases(t *testing.T) []rootBase {
	t.Helper()
	w := newWide()
	bases := []rootBase{{"wide", func(e *exact.Engine, memory int64) (*llm.Model, error) { return llm.Load(w.Config, w, e, memory) },
		w.Config, 7, 2}}
	dir := t.TempDir()
	if err := tiny.Write(dir); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"tiny": filepath.Join(dir, tiny.Base), "stories260k": "../../shared/data/stories260k"} {
		b, err := base.Open(path)
		if err != nil {
			t.Logf("%s is absent: %v", name, err)
			continue
		}
		t.Cleanup(func() { b.Close() })
		bases = append(bases, rootBase{name, b.Load, b.Config, 40, 4})
	}
	slices.SortFunc(bases, func(a, b rootBase) int { return strings.Compare(a.name, b.name) })
	return bases
}

// root is the trace root of twenty steps, four segments, of random sequences of several lengths.
func (b rootBase) root(t *testing.T, n exact.Numerics, kernel string, threads int, memory int64) string {
	t.Helper()
	e, err := exact.NewNamed(n, threads, kernel)
	if err != nil {
		t.Skip(err)
	}
	before := e.Calls()
	m, err := b.load(e, memory)
	if err != nil {
		t.Fatal(err)
	}
	g, set := &exact.Gen{State: 11}, &data.TokenSet{}
	for range 31 {
		var s llm.Sequence
		for range 3 + g.Next()%uint64(b.rows) {
			s.IDs = append(s.IDs, int32(g.Next()%uint64(b.c.Vocab)))
			s.Loss = append(s.Loss, g.Next()%3 > 0)
		}
		s.Loss[len(s.Loss)-1] = true
		set.Sequences = append(set.Sequences, s)
	}
	spec := protocol.RunSpec{SeqLen: b.rows + 3, InnerSteps: 20, Segment: 5, Batch: b.batch, Loss: "sft", Codec: protocol.CodecQ4, Rounds: 1,
		Inner: protocol.AdamW{LR: tinyrun.Nano / 500, Beta1: tinyrun.Nano / 10 * 9, Beta2: tinyrun.Nano / 1000 * 999, Eps: 10,
			Clip: tinyrun.Nano, WarmupSteps: 3, Schedule: protocol.ScheduleConstant, WeightDecay: tinyrun.Nano / 100}}
	cp, err := checkpoint.Initial(mem.New(), b.name, digest.Sum([]byte(b.name)),
		ckpt.AdapterSpec{Rank: 5, Alpha: 7, Targets: llm.Projections}, b.c)
	if err != nil {
		t.Fatal(err)
	}
	j := replay.NewJob(&spec, &protocol.Round{Run: 1, Number: 1, Slots: 1}, 0, cp, set)
	s, err := slot.Run(context.Background(), m.NewWork(0), j, tinyrun.Snapshots(t), mem.New(), tinyrun.Never, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range s.Losses {
		if math.IsNaN(l) || l <= 0 || s.Noops > 0 {
			t.Fatalf("%s: step %d has loss %g, %d steps did nothing", b.name, i, l, s.Noops)
		}
	}
	if e.Kernel() != kernel && kernel != "" || e.Calls() == before {
		t.Fatalf("kernel %q did not run", kernel)
	}
	return s.Commit.Trace.String()
}

// TestRoots compares the trace roots of every engine with those on file.
func TestRoots(t *testing.T) {
	file := filepath.Join("testdata", "roots.txt")
	if *writeRoots {
		var out strings.Builder
		for _, b := range rootBases(t) {
			for _, n := range []exact.Numerics{exact.BFloat16, exact.F32} {
				fmt.Fprintln(&out, b.name, n, b.root(t, n, "go", 1, 0))
			}
		}
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(line)
		want[f[0]+" "+f[1]] = f[2]
	}
	for _, b := range rootBases(t) {
		for _, n := range []exact.Numerics{exact.BFloat16, exact.F32} {
			for i, k := range []string{"avx512bf16", "avx512", "avx2", "go"} {
				for j, threads := range []int{1, 2, 7} {
					if k == "go" && (threads != 2 || testing.Short() && b.name != "tiny") {
						continue // slow; the roots on file are its own
					}
					t.Run(fmt.Sprintf("%s/%s/%s/%d", b.name, n, k, threads), func(t *testing.T) {
						memory := []int64{0, 1, 1 << 40}[(i+j)%3] // everything recomputed in a third of them
						if got := b.root(t, n, k, threads, memory); got != want[b.name+" "+string(n)] {
							t.Errorf("trace root %s, must be %s", got, want[b.name+" "+string(n)])
						}
					})
				}
			}
		}
	}
}
