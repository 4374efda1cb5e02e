package checkpoint_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/testutil/cheat"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/x/round/protocol"
)

func TestFoldDoesNotDependOnArrival(t *testing.T) {
	f := tinyrun.New(t)
	cp, w := f.First(t), f.Model.NewWork(1)
	var cs []protocol.Contribution
	files := map[digest.Digest][]byte{}
	for i, account := range []protocol.Account{"carol", "alice", "alice"} {
		j := f.Job(t, uint32(i))
		out, err := slot.Run(t.Context(), w, j, tinyrun.Snapshots(t), mem.New(), tinyrun.Never, nil)
		if err != nil {
			t.Fatal(err)
		}
		files[out.Commit.Body] = out.File
		cs = append(cs, protocol.Contribution{Trainer: account, Slot: uint32(i), Delta: out.Commit.Body, Steps: out.Commit.Steps, Tokens: j.Tokens(out.Commit.Steps)})
	}
	decoded := map[digest.Digest][]float32{}
	for _, c := range cs {
		b := files[c.Delta]
		file, err := delta.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		x, err := checkpoint.CheckBody(&f.Spec, cp, replay.FirstLeaf(cp), protocol.Commit{Body: c.Delta, Trace: digest.MerkleDigests(file.Leaves), Steps: c.Steps, Size: uint64(len(b))}, b)
		if err != nil {
			t.Fatal(err)
		}
		decoded[c.Delta] = x
	}
	var want *checkpoint.Checkpoint
	for range 6 {
		rand.Shuffle(len(cs), func(i, j int) { cs[i], cs[j] = cs[j], cs[i] })
		got, err := checkpoint.Fold(mem.New(), cp, &f.Spec, 1, 1, cs, decoded)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if got.Digest != want.Digest || *got.Manifest.Parent != cp.Digest || len(got.Manifest.Contributions) != 3 {
			t.Fatalf("%v folds to %s, not %s", cs, got.Digest, want.Digest)
		}
	}
	again, err := checkpoint.Rebuild(mem.New(), cp, want.Manifest, func(d digest.Digest) ([]byte, error) { return files[d], nil })
	if err != nil || again.Digest != want.Digest {
		t.Fatalf("rebuilt from its manifest it is %v (%v)", again, err)
	}
}

func TestSpreadIsTheInverseOfTrained(t *testing.T) {
	f := tinyrun.New(t)
	for _, freeze := range []int{0, 1} {
		ad, err := f.Model.Config.NewAdapter(ckpt.AdapterSpec{Rank: 2, Alpha: 4, Targets: []string{"k_proj", "down_proj"}, FreezeA: freeze})
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, len(ad.Params))
		for i := range x {
			x[i] = float32(i + 1)
		}
		tr := checkpoint.Trained(ad, x)
		if (freeze == 1) == (len(tr) == len(x)) {
			t.Fatalf("freeze %d: %d of %d are trained", freeze, len(tr), len(x))
		}
		back := checkpoint.Spread(ad, tr)
		if !slices.Equal(checkpoint.Trained(ad, back), tr) {
			t.Fatal("Spread is not the inverse of Trained")
		}
		for _, name := range ad.Names() {
			lo, hi, _ := ad.Range(name)
			for i := lo; i < hi; i++ {
				if want := map[bool]float32{false: x[i], true: 0}[ad.Frozen(name)]; back[i] != want {
					t.Fatalf("%s: %g at %d, want %g", name, back[i], i, want)
				}
			}
		}
	}
}

// A round that trains B alone leaves A as it is, from the step to the fold.
func TestFrozenFactorsStay(t *testing.T) {
	f := tinyrun.New(t)
	f.Adapter.FreezeA = 1
	j := f.Job(t, 0)
	out := f.Whole(t, j, tinyrun.Snapshots(t))
	x, err := checkpoint.CheckBody(&f.Spec, j.Start, replay.FirstLeaf(j.Start), out.Commit, out.File)
	if err != nil {
		t.Fatal(err)
	}
	next, err := checkpoint.Fold(mem.New(), j.Start, &f.Spec, 1, 1, []protocol.Contribution{{Trainer: "a", Delta: out.Commit.Body, Steps: out.Commit.Steps, Tokens: 1}},
		map[digest.Digest][]float32{out.Commit.Body: x})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range next.Adapter.Names() {
		lo, hi, _ := next.Adapter.Range(name)
		if same := slices.Equal(next.Adapter.Params[lo:hi], j.Start.Adapter.Params[lo:hi]); same != next.Adapter.Frozen(name) {
			t.Errorf("%s: unchanged %t", name, same)
		}
	}
}

func TestMalformedBodies(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.Codec = protocol.CodecF32
	j := f.Job(t, 0)
	out := f.Whole(t, j, tinyrun.Snapshots(t))
	check := func(c protocol.Commit, b []byte) error {
		_, err := checkpoint.CheckBody(&f.Spec, j.Start, replay.FirstLeaf(j.Start), c, b)
		return err
	}
	if err := check(out.Commit, out.File); err != nil {
		t.Fatal(err)
	}
	for _, what := range cheat.Malformations() {
		b, c, err := cheat.Malformed(what, out.File)
		if err != nil {
			t.Fatal(err)
		}
		err = check(c, b)
		if err == nil {
			t.Errorf("%s: accepted", what)
		}
		if what == "not a number" && !errors.Is(err, delta.ErrNotFinite) || what == "zeros" && !errors.Is(err, delta.ErrZero) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range out.File { // what was not committed is never taken
		if i%97 == 0 {
			b := slices.Clone(out.File)
			b[i] ^= 1
			if check(out.Commit, b) == nil {
				t.Fatalf("byte %d flipped: accepted", i)
			}
		}
	}
}
