package replay_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/optim"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/x/round/protocol"
)

func silent(uint32) (*replay.Served, error) { return nil, errors.New("nothing is served") }

// Honest work passes every audit, served or not, and every auditor gets the snapshot whose digest the trainer knows.
func TestHonestWorkPassesEveryAudit(t *testing.T) {
	f := tinyrun.New(t)
	x := f.Forge(t, 0, nil, nil)
	if whole := f.Whole(t, f.Job(t, 1), tinyrun.Snapshots(t)); whole.Commit != x.Slot.Commit {
		t.Fatal("the test's trainer is not honest")
	}
	tr, w := x.Trail(t), f.Model.NewWork(1)
	for segment := range tr.Segments() {
		want, err := x.Kept.Digest(x.Job.Run, x.Job.Round, x.Committed(), segment+1)
		if err != nil {
			t.Fatal(err)
		}
		for name, fetch := range map[string]func(uint32) (*replay.Served, error){"served": x.Serve, "silent": silent, "nobody": nil} {
			r, err := tr.Audit(t.Context(), w, segment, fetch)
			if err != nil || !r.OK || r.Got.End.Digest() != want || r.Served != (name == "served" && segment > 0) {
				t.Errorf("segment %d, %s: %+v, %v", segment, name, r, err)
			}
		}
	}
	ruling, err := tr.Rule(t.Context(), w, []protocol.Audit{{Segment: 0}, {Segment: 2}})
	if err != nil || ruling.Segment != tr.Segments() || !ruling.Leaf.IsZero() || len(ruling.Snapshots) != 2 {
		t.Errorf("ruling %+v, %v", ruling, err)
	}
}

// One forged segment is found whenever it is drawn, whether the snapshot before it is served or not; a later one is found
// only by whoever has to compute from the checkpoint; and the ruling, which is computed by everybody from the checkpoint,
// names the forged one, with a proof that convinces the chain.
func TestEveryForgedSegmentIsFound(t *testing.T) {
	f := tinyrun.New(t)
	w := f.Model.NewWork(1)
	last := uint32(2)
	for at := range last + 1 {
		x := f.Forge(t, at, func(s replay.Snapshot) { s.Params[3] += 1e-3 }, nil)
		tr := x.Trail(t)
		for segment := range tr.Segments() {
			served, err := tr.Audit(t.Context(), w, segment, x.Serve)
			if err != nil || served.OK != (segment != at) {
				t.Errorf("forged %d, audited %d, served: %+v, %v", at, segment, served, err)
			}
			alone, err := tr.Audit(t.Context(), w, segment, silent)
			if err != nil || alone.OK != (segment < at) || !alone.OK && alone.Segment != at {
				t.Errorf("forged %d, audited %d, not served: %+v, %v", at, segment, alone, err)
			}
		}
		ruling, err := tr.Rule(t.Context(), w, []protocol.Audit{{Segment: 0}, {Segment: 1}, {Segment: 2}})
		if err != nil || ruling.Segment != at || ruling.Leaf.IsZero() || len(ruling.Snapshots) != int(at) {
			t.Errorf("forged %d: ruling %+v, %v", at, ruling, err)
		}
		committed, path := tr.Proof(at)
		if !digest.CheckProof(x.Slot.Commit.Trace, committed, at+1, tr.Segments()+1, path) || committed == ruling.Leaf {
			t.Errorf("forged %d: the proof does not convince", at)
		}
	}
}

// A body that is not the delta of the trained snapshot is found by an audit of the last segment.
func TestAnotherBodyIsFound(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.Codec = protocol.CodecF32
	x := f.Forge(t, 0, nil, func(b []byte) []byte {
		b = slices.Clone(b)
		b[0] ^= 1
		return b
	})
	if _, err := checkpoint.CheckBody(&f.Spec, x.Job.Start, replay.FirstLeaf(x.Job.Start), x.Slot.Commit, x.Slot.File); err != nil {
		t.Fatal("the forged body does not even pass as one: ", err)
	}
	tr, w := x.Trail(t), f.Model.NewWork(1)
	for segment := range tr.Segments() {
		r, err := tr.Audit(t.Context(), w, segment, x.Serve)
		if err != nil || r.OK != (segment < tr.Segments()-1) {
			t.Errorf("segment %d: %+v, %v", segment, r, err)
		}
	}
}

// A snapshot that no honest step leaves behind is found even by an audit of the segment after it.
func TestImplausibleStatesAreFound(t *testing.T) {
	f := tinyrun.New(t)
	w := f.Model.NewWork(1)
	for name, change := range map[string]func(replay.Snapshot){
		"a first moment beyond the clip":  func(s replay.Snapshot) { s.Moments.M[0] = 2 },
		"a second moment that swallows":   func(s replay.Snapshot) { s.Moments.V[0] = 1e6 },
		"a negative second moment":        func(s replay.Snapshot) { s.Moments.V[0] = -1e-9 },
		"moments that together exceed it": func(s replay.Snapshot) { fill(s.Moments.M, 0.1) },
	} {
		x := f.Forge(t, 0, change, nil)
		r, err := x.Trail(t).Audit(t.Context(), w, 1, x.Serve)
		if err != nil || r.OK || r.Segment != 0 || !r.Served {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// A snapshot from which the rest of the trace follows without work is plausible, and whoever commits to it is found by an
// audit of any later segment all the same.
func TestEffortlessSnapshotsAreFound(t *testing.T) {
	f := tinyrun.New(t)
	w := f.Model.NewWork(1)
	ad := f.First(t).Adapter
	_, module, _ := ad.Range(ad.Names()[1]) // the first module's factors come first
	for name, change := range map[string]func(replay.Snapshot){
		"every step overflows":  func(s replay.Snapshot) { fill(s.Params, 3e38) },
		"all factors are zero":  func(s replay.Snapshot) { still(s, len(s.Params), 0) },
		"all factors flush":     func(s replay.Snapshot) { still(s, len(s.Params), 0x1p-41) },
		"one module is nothing": func(s replay.Snapshot) { still(s, module, 0) },
	} {
		x := f.Forge(t, 0, change, nil)
		tr := x.Trail(t)
		for segment := range tr.Segments() {
			r, err := tr.Audit(t.Context(), w, segment, x.Serve)
			if err != nil || r.OK || r.Segment != 0 || r.Served {
				t.Errorf("%s, segment %d: %+v, %v", name, segment, r, err)
			}
		}
	}
}

// still gives the first n parameters a value that no moment moves.
func still(s replay.Snapshot, n int, v float32) {
	fill(s.Params[:n], v)
	fill(s.Moments.M[:n], 0)
	fill(s.Moments.V[:n], 0)
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// What a trainer serves is taken only if it is what it committed to; anything else is as good as silence.
func TestServedStatesAreChecked(t *testing.T) {
	f := tinyrun.New(t)
	x := f.Forge(t, 0, nil, nil)
	tr, n := x.Trail(t), len(x.Job.Start.Adapter.Params)
	good, err := x.Kept.Serve(1, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := replay.DecodeServed(good, n)
	if err != nil || s.Check(tr.Commit.Trace, 1, tr.Segments()+1, tr.StepsAt(1)) != nil || !slices.Equal(s.Encode(), good) {
		t.Fatal("a good snapshot does not pass: ", err)
	}
	if uint64(len(good)) > replay.MaxServed(n, f.Spec.SegmentLen()) {
		t.Errorf("%d bytes, replay.MaxServed is %d", len(good), replay.MaxServed(n, f.Spec.SegmentLen()))
	}
	for i := 0; i < len(good); i += 1 + len(good)/997 {
		b := slices.Clone(good)
		b[i] ^= 4
		if s, err := replay.DecodeServed(b, n); err == nil && s.Check(tr.Commit.Trace, 1, tr.Segments()+1, tr.StepsAt(1)) == nil {
			t.Errorf("byte %d was changed and it passes", i)
		}
	}
	w := f.Model.NewWork(1)
	for name, fetch := range map[string]func(uint32) (*replay.Served, error){
		"of another leaf": func(uint32) (*replay.Served, error) { return x.Serve(2) },
		"without a proof": func(l uint32) (*replay.Served, error) {
			s, err := x.Serve(l)
			s.Path = nil
			return s, err
		},
	} {
		if r, err := tr.Audit(t.Context(), w, 1, fetch); err != nil || !r.OK || r.Served {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	for _, leaf := range []uint32{4, 99} {
		if _, err := x.Kept.Serve(1, 1, 1, leaf); err == nil {
			t.Errorf("leaf %d is served", leaf)
		}
	}
	if _, err := x.Kept.Serve(1, 2, 1, 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a round that was never done: %v", err)
	}
}

// FuzzDecodeServed: whatever is accepted is exactly what Encode writes.
func FuzzDecodeServed(f *testing.F) {
	s := &replay.Served{Snapshot: replay.Snapshot{Params: []float32{1, 2}},
		Records: []replay.StepRecord{{Loss: 1, Norm: 2, Noop: true}}, Path: []digest.Digest{{1}}}
	s.Snapshot.Moments = optim.NewMoments(2)
	f.Add(s.Encode())
	f.Add([]byte("weftserv"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := replay.DecodeServed(b, 2)
		if err == nil && !slices.Equal(got.Encode(), b) {
			t.Fatalf("%x is accepted and encodes differently", b)
		}
	})
}

// The first difference is named: tensor, element, bits.
func TestFirstDifferenceIsNamed(t *testing.T) {
	f := tinyrun.New(t)
	ad := f.First(t).Adapter
	state := func() replay.Snapshot {
		return replay.Snapshot{slices.Clone(ad.Params), optim.NewMoments(len(ad.Params))}
	}
	name := ad.Names()[1]
	lo, _, _ := ad.Range(name)
	a, b := state(), state()
	first := func(x replay.Snapshot, xr []replay.StepRecord, y replay.Snapshot, yr []replay.StepRecord) *replay.Difference {
		return replay.FirstDifference(ad, &replay.Served{Snapshot: x, Records: xr}, &replay.Segment{End: y, Records: yr})
	}
	if d := first(a, []replay.StepRecord{{Loss: 1}}, b, []replay.StepRecord{{Loss: 1}}); d != nil {
		t.Errorf("equal snapshots differ: %s", d)
	}
	a.Moments.V[lo+5] = 1
	if d := first(a, nil, b, nil); d == nil || d.Where != "second moment of "+name || d.Element != 5 || d.Got != 0x3f800000 || d.Want != 0 {
		t.Errorf("%v", d)
	}
	a.Params[lo] = 0.5
	if d := first(a, nil, b, nil); d == nil || d.Where != name || d.Element != 0 ||
		!strings.Contains(d.String(), "0x3f000000 (0.5), recomputed") {
		t.Errorf("%v", d)
	}
	if d := first(b, []replay.StepRecord{{}, {Norm: 1}}, b, []replay.StepRecord{{}, {}}); d == nil ||
		d.Where != "gradient norm of step" || d.Element != 1 || d.Bits != 64 {
		t.Errorf("%v", d)
	}
	d := replay.FirstDifference(ad, &replay.Served{Snapshot: a, Payload: digest.Digest{1}}, &replay.Segment{End: a})
	if d == nil || !strings.Contains(d.Where, "encoded delta") {
		t.Errorf("%v", d)
	}
}
