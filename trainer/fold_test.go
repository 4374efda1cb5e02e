package trainer

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/ckpt/safetensors"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/x/round/protocol"
)

func TestFoldDoesNotDependOnArrival(t *testing.T) {
	f := newFixture(t)
	cp, w := f.first(t), f.model.NewWork(1)
	var cs []protocol.Contribution
	files := map[digest.Digest][]byte{}
	for slot, account := range []protocol.Account{"carol", "alice", "alice"} {
		j := f.job(t, uint32(slot))
		out, err := RunSlot(t.Context(), w, j, openStates(t), mem.New(), never, nil)
		if err != nil {
			t.Fatal(err)
		}
		files[out.Commit.Body] = out.File
		cs = append(cs, protocol.Contribution{Trainer: account, Slot: uint32(slot), Delta: out.Commit.Body, Steps: out.Commit.Steps, Tokens: j.Tokens(out.Commit.Steps)})
	}
	decoded := map[digest.Digest][]float32{}
	for _, c := range cs {
		b := files[c.Delta]
		file, err := delta.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		x, err := CheckBody(&f.spec, cp, FirstLeaf(cp), protocol.Commit{Body: c.Delta, Trace: digest.MerkleDigests(file.Leaves), Steps: c.Steps, Size: uint64(len(b))}, b)
		if err != nil {
			t.Fatal(err)
		}
		decoded[c.Delta] = x
	}
	var want *Checkpoint
	for range 6 {
		rand.Shuffle(len(cs), func(i, j int) { cs[i], cs[j] = cs[j], cs[i] })
		got, err := Fold(mem.New(), cp, &f.spec, 1, 1, cs, decoded)
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
	again, err := Rebuild(mem.New(), cp, want.Manifest, func(d digest.Digest) ([]byte, error) { return files[d], nil })
	if err != nil || again.Digest != want.Digest {
		t.Fatalf("rebuilt from its manifest it is %v (%v)", again, err)
	}
}

func TestSpreadIsTheInverseOfTrained(t *testing.T) {
	f := newFixture(t)
	for _, freeze := range []bool{false, true} {
		ad, err := f.model.Config.NewAdapter(lora.Spec{Rank: 2, Alpha: 4, Targets: []string{"k_proj", "down_proj"}, FreezeA: freeze})
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, len(ad.Params))
		for i := range x {
			x[i] = float32(i + 1)
		}
		tr := Trained(ad, x)
		if freeze == (len(tr) == len(x)) {
			t.Fatalf("freeze %t: %d of %d are trained", freeze, len(tr), len(x))
		}
		back := Spread(ad, tr)
		if !slices.Equal(Trained(ad, back), tr) {
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
	f := newFixture(t)
	f.adapter.FreezeA = 1
	j := f.job(t, 0)
	out := f.whole(t, j, openStates(t))
	x, err := CheckBody(&f.spec, j.Start, FirstLeaf(j.Start), out.Commit, out.File)
	if err != nil {
		t.Fatal(err)
	}
	next, err := Fold(mem.New(), j.Start, &f.spec, 1, 1, []protocol.Contribution{{Trainer: "a", Delta: out.Commit.Body, Steps: out.Commit.Steps, Tokens: 1}},
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

// file makes a delta file and its commitment, as a trainer that says what it likes would.
func file(d delta.File) ([]byte, protocol.Commit) {
	b := d.Encode()
	return b, protocol.Commit{Body: digest.Sum(b), Trace: digest.MerkleDigests(d.Leaves), Steps: d.Steps, Size: uint64(len(b))}
}

// lies are the ways in which a body can be malformed; each makes a body and its commitment of honest ones.
var lies = map[string]func(d delta.File) ([]byte, protocol.Commit){
	"wrong leaf 0": func(d delta.File) ([]byte, protocol.Commit) { d.Leaves[0][3] ^= 1; return file(d) },
	"wrong root":   func(d delta.File) ([]byte, protocol.Commit) { b, c := file(d); c.Trace[0] ^= 1; return b, c },
	"wrong magic": func(d delta.File) ([]byte, protocol.Commit) {
		b, c := file(d)
		b[0] ^= 1
		c.Body = digest.Sum(b)
		return b, c
	},
	"more steps": func(d delta.File) ([]byte, protocol.Commit) { b, c := file(d); c.Steps--; return b, c },
	"few leaves": func(d delta.File) ([]byte, protocol.Commit) { d.Leaves = d.Leaves[:2]; return file(d) },
	"short":      func(d delta.File) ([]byte, protocol.Commit) { d.Payload = d.Payload[:len(d.Payload)-4]; return file(d) },
	"zeros":      func(d delta.File) ([]byte, protocol.Commit) { d.Payload = make([]byte, len(d.Payload)); return file(d) },
	"not a number": func(d delta.File) ([]byte, protocol.Commit) {
		copy(d.Payload[8:], safetensors.EncodeF32([]float32{float32(math.NaN())}))
		return file(d)
	},
}

func TestMalformedBodies(t *testing.T) {
	f := newFixture(t)
	f.spec.Codec = protocol.CodecF32
	j := f.job(t, 0)
	out := f.whole(t, j, openStates(t))
	check := func(c protocol.Commit, b []byte) error {
		_, err := CheckBody(&f.spec, j.Start, FirstLeaf(j.Start), c, b)
		return err
	}
	if err := check(out.Commit, out.File); err != nil {
		t.Fatal(err)
	}
	for what := range lies {
		b, c := lie(t, what, out.File)
		err := check(c, b)
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

// lie makes a malformed body of an honest one.
func lie(t *testing.T, what string, honest []byte) ([]byte, protocol.Commit) {
	t.Helper()
	d, err := delta.Parse(slices.Clone(honest))
	if err != nil {
		t.Fatal(err)
	}
	return lies[what](d)
}
