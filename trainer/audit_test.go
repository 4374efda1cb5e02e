package trainer

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/optim"
	"github.com/weftnet/weft/x/round/protocol"
)

// forgery is a slot whose trainer changed something at the end of one segment and went on from there, as if it had
// nothing to hide: it commits to what it has, and serves it.
type forgery struct {
	job    *Job
	slot   *Slot
	states *States
}

// forge does a slot's work with a change of the state after segment at; payload, if given, replaces the encoded delta.
func (f *fixture) forge(t *testing.T, at uint32, change func(State), payload func([]byte) []byte) *forgery {
	t.Helper()
	j, keep := f.job(t, 1), openStates(t)
	run, err := resume(j, keep)
	if err != nil {
		t.Fatal(err)
	}
	w, n := f.model.NewWork(1), j.Segments(f.spec.InnerSteps)
	for i := range n {
		recs, err := j.Steps(w, i, f.spec.InnerSteps, run.state)
		if err != nil {
			t.Fatal(err)
		}
		if i == at && change != nil {
			change(run.state)
		}
		run.steps += uint32(len(recs))
		run.recs, run.all = recs, append(run.all, recs...)
		var bound digest.Digest
		var body []byte
		if i == n-1 {
			if body, err = j.Encode(run.state); err != nil {
				t.Fatal(err)
			}
			if payload != nil {
				body = payload(body)
			}
			bound = digest.Sum(body)
		}
		if err := run.end(bound); err != nil {
			t.Fatal(err)
		}
		if i == n-1 {
			file := delta.File{Steps: run.steps, Leaves: run.leaves, Payload: body}.Encode()
			return &forgery{j, &Slot{File: file, Commit: protocol.Commit{Body: digest.Sum(file), Trace: digest.MerkleDigests(run.leaves),
				Steps: run.steps, Size: uint64(len(file))}}, keep}
		}
	}
	return nil
}

func (x *forgery) trail(t *testing.T) *Trail {
	t.Helper()
	tr, err := NewTrail(x.job, x.slot.Commit, x.slot.File)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// committed is the slot as the chain has it.
func (x *forgery) committed() protocol.SlotWork {
	return protocol.SlotWork{Index: x.job.Slot, Commit: x.slot.Commit}
}

// serve is what the trainer answers an auditor.
func (x *forgery) serve(leaf uint32) (*Served, error) {
	b, err := x.states.Serve(x.job.Run, x.job.Round, x.job.Slot, leaf)
	if err != nil {
		return nil, err
	}
	return DecodeServed(b, len(x.job.Start.Adapter.Params))
}

func silent(uint32) (*Served, error) { return nil, errors.New("nothing is served") }

// Honest work passes every audit, served or not, and every auditor gets the state whose digest the trainer knows.
func TestHonestWorkPassesEveryAudit(t *testing.T) {
	f := newFixture(t)
	x := f.forge(t, 0, nil, nil)
	if whole := f.whole(t, f.job(t, 1), openStates(t)); whole.Commit != x.slot.Commit {
		t.Fatal("the test's trainer is not honest")
	}
	tr, w := x.trail(t), f.model.NewWork(1)
	for segment := range tr.Segments() {
		want, err := x.states.Digest(x.job.Run, x.job.Round, x.committed(), segment+1)
		if err != nil {
			t.Fatal(err)
		}
		for name, fetch := range map[string]func(uint32) (*Served, error){"served": x.serve, "silent": silent, "nobody": nil} {
			r, err := tr.Audit(t.Context(), w, segment, fetch)
			if err != nil || !r.OK || StateDigest(r.Got.End) != want || r.Served != (name == "served" && segment > 0) {
				t.Errorf("segment %d, %s: %+v, %v", segment, name, r, err)
			}
		}
	}
	ruling, err := tr.Rule(t.Context(), w, []protocol.Audit{{Segment: 0}, {Segment: 2}})
	if err != nil || ruling.Segment != tr.Segments() || !ruling.Leaf.IsZero() || len(ruling.Snapshots) != 2 {
		t.Errorf("ruling %+v, %v", ruling, err)
	}
}

// One forged segment is found whenever it is drawn, whether the state before it is served or not; a later one is found
// only by whoever has to compute from the checkpoint; and the ruling, which is computed by everybody from the checkpoint,
// names the forged one, with a proof that convinces the chain.
func TestEveryForgedSegmentIsFound(t *testing.T) {
	f := newFixture(t)
	w := f.model.NewWork(1)
	last := uint32(2)
	for at := range last + 1 {
		x := f.forge(t, at, func(s State) { s.Params[3] += 1e-3 }, nil)
		tr := x.trail(t)
		for segment := range tr.Segments() {
			served, err := tr.Audit(t.Context(), w, segment, x.serve)
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
		if !digest.CheckProof(x.slot.Commit.Trace, committed, at+1, tr.Segments()+1, path) || committed == ruling.Leaf {
			t.Errorf("forged %d: the proof does not convince", at)
		}
	}
}

// A body that is not the delta of the trained state is found by an audit of the last segment.
func TestAnotherBodyIsFound(t *testing.T) {
	f := newFixture(t)
	f.spec.Codec = protocol.CodecF32
	x := f.forge(t, 0, nil, func(b []byte) []byte {
		b = slices.Clone(b)
		b[0] ^= 1
		return b
	})
	if _, err := CheckBody(&f.spec, x.job.Start, FirstLeaf(x.job.Start), x.slot.Commit, x.slot.File); err != nil {
		t.Fatal("the forged body does not even pass as one: ", err)
	}
	tr, w := x.trail(t), f.model.NewWork(1)
	for segment := range tr.Segments() {
		r, err := tr.Audit(t.Context(), w, segment, x.serve)
		if err != nil || r.OK != (segment < tr.Segments()-1) {
			t.Errorf("segment %d: %+v, %v", segment, r, err)
		}
	}
}

// A state that no honest step leaves behind is found even by an audit of the segment after it.
func TestImplausibleStatesAreFound(t *testing.T) {
	f := newFixture(t)
	w := f.model.NewWork(1)
	for name, change := range map[string]func(State){
		"a first moment beyond the clip":  func(s State) { s.Moment.M[0] = 2 },
		"a second moment that swallows":   func(s State) { s.Moment.V[0] = 1e6 },
		"a negative second moment":        func(s State) { s.Moment.V[0] = -1e-9 },
		"moments that together exceed it": func(s State) { fill(s.Moment.M, 0.1) },
	} {
		x := f.forge(t, 0, change, nil)
		r, err := x.trail(t).Audit(t.Context(), w, 1, x.serve)
		if err != nil || r.OK || r.Segment != 0 || !r.Served {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// A state from which the rest of the trace follows without work is plausible, and whoever commits to it is found by an
// audit of any later segment all the same.
func TestEffortlessStatesAreFound(t *testing.T) {
	f := newFixture(t)
	w := f.model.NewWork(1)
	ad := f.first(t).Adapter
	_, module, _ := ad.Range(ad.Names()[1]) // the first module's factors come first
	for name, change := range map[string]func(State){
		"every step overflows":  func(s State) { fill(s.Params, 3e38) },
		"all factors are zero":  func(s State) { still(s, len(s.Params), 0) },
		"all factors flush":     func(s State) { still(s, len(s.Params), 0x1p-41) },
		"one module is nothing": func(s State) { still(s, module, 0) },
	} {
		x := f.forge(t, 0, change, nil)
		tr := x.trail(t)
		for segment := range tr.Segments() {
			r, err := tr.Audit(t.Context(), w, segment, x.serve)
			if err != nil || r.OK || r.Segment != 0 || r.Served {
				t.Errorf("%s, segment %d: %+v, %v", name, segment, r, err)
			}
		}
	}
}

// still gives the first n parameters a value that no moment moves.
func still(s State, n int, v float32) {
	fill(s.Params[:n], v)
	fill(s.Moment.M[:n], 0)
	fill(s.Moment.V[:n], 0)
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// What a trainer serves is taken only if it is what it committed to; anything else is as good as silence.
func TestServedStatesAreChecked(t *testing.T) {
	f := newFixture(t)
	x := f.forge(t, 0, nil, nil)
	tr, n := x.trail(t), len(x.job.Start.Adapter.Params)
	good, err := x.states.Serve(1, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := DecodeServed(good, n); err != nil || s.Check(tr.Commit.Trace, 1, tr.Segments()+1, tr.StepsAt(1)) != nil || !slices.Equal(s.Encode(), good) {
		t.Fatal("a good state does not pass: ", err)
	}
	if uint64(len(good)) > MaxServed(n, f.spec.SegmentLen()) {
		t.Errorf("%d bytes, MaxServed is %d", len(good), MaxServed(n, f.spec.SegmentLen()))
	}
	for i := 0; i < len(good); i += 1 + len(good)/997 {
		b := slices.Clone(good)
		b[i] ^= 4
		if s, err := DecodeServed(b, n); err == nil && s.Check(tr.Commit.Trace, 1, tr.Segments()+1, tr.StepsAt(1)) == nil {
			t.Errorf("byte %d was changed and it passes", i)
		}
	}
	w := f.model.NewWork(1)
	for name, fetch := range map[string]func(uint32) (*Served, error){
		"of another leaf": func(uint32) (*Served, error) { return x.serve(2) },
		"without a proof": func(l uint32) (*Served, error) {
			s, err := x.serve(l)
			s.Path = nil
			return s, err
		},
	} {
		if r, err := tr.Audit(t.Context(), w, 1, fetch); err != nil || !r.OK || r.Served {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	for _, leaf := range []uint32{4, 99} {
		if _, err := x.states.Serve(1, 1, 1, leaf); err == nil {
			t.Errorf("leaf %d is served", leaf)
		}
	}
	if _, err := x.states.Serve(1, 2, 1, 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a round that was never done: %v", err)
	}
}

// FuzzDecodeServed: whatever is accepted is exactly what Encode writes.
func FuzzDecodeServed(f *testing.F) {
	s := &Served{State: State{Params: []float32{1, 2}}, Records: []StepRecord{{Loss: 1, Norm: 2, Noop: true}}, Path: []digest.Digest{{1}}}
	s.State.Moment = optim.NewState(2)
	f.Add(s.Encode())
	f.Add([]byte("weftserv"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := DecodeServed(b, 2)
		if err == nil && !slices.Equal(got.Encode(), b) {
			t.Fatalf("%x is accepted and encodes differently", b)
		}
	})
}

// The first difference is named: tensor, element, bits.
func TestFirstDifferenceIsNamed(t *testing.T) {
	f := newFixture(t)
	ad := f.first(t).Adapter
	state := func() State { return State{slices.Clone(ad.Params), optim.NewState(len(ad.Params))} }
	name := ad.Names()[1]
	lo, _, _ := ad.Range(name)
	a, b := state(), state()
	first := func(x State, xr []StepRecord, y State, yr []StepRecord) *Difference {
		return FirstDifference(ad, &Served{State: x, Records: xr}, &Segment{End: y, Records: yr})
	}
	if d := first(a, []StepRecord{{Loss: 1}}, b, []StepRecord{{Loss: 1}}); d != nil {
		t.Errorf("equal states differ: %s", d)
	}
	a.Moment.V[lo+5] = 1
	if d := first(a, nil, b, nil); d == nil || d.Where != "second moment of "+name || d.Element != 5 || d.Got != 0x3f800000 || d.Want != 0 {
		t.Errorf("%v", d)
	}
	a.Params[lo] = 0.5
	if d := first(a, nil, b, nil); d == nil || d.Where != name || d.Element != 0 || !strings.Contains(d.String(), "0x3f000000 (0.5), recomputed") {
		t.Errorf("%v", d)
	}
	if d := first(b, []StepRecord{{}, {Norm: 1}}, b, []StepRecord{{}, {}}); d == nil || d.Where != "gradient norm of step" || d.Element != 1 || d.Bits != 64 {
		t.Errorf("%v", d)
	}
	if d := FirstDifference(ad, &Served{State: a, Payload: digest.Digest{1}}, &Segment{End: a}); d == nil || !strings.Contains(d.Where, "encoded delta") {
		t.Errorf("%v", d)
	}
}
