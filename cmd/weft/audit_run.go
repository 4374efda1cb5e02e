package main

import (
	"errors"
	"fmt"

	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/x/round/protocol"
)

// run audits the worker's slots and fails when one is not what was committed to.
func (x *audit) run(slot int) error {
	done, forged := 0, 0
	for i := range x.part.Slots {
		w := &x.part.Slots[i]
		if slot >= 0 && int(w.Index) != slot {
			continue
		}
		if !w.Committed() {
			x.p.event("nothing", fields{"slot": w.Index}, "slot %-4d nothing was committed: %s", w.Index, x.part.Reason)
			continue
		}
		ok, err := x.slot(w)
		if err != nil {
			return failed("audit slot", fmt.Sprint(w.Index), err)
		}
		done++
		if !ok {
			forged++
		}
	}
	switch {
	case done == 0 && slot >= 0:
		return &OpError{Op: "audit slot", Ref: fmt.Sprint(slot), Err: errors.New("it has no commitment of this worker in this round"), Hint: "weft why shows which slots it had"}
	case forged == 0:
		return nil
	}
	hint := "it is convicted already: weft why shows the ruling"
	if x.part.Reason != protocol.ReasonFraud {
		hint = fmt.Sprintf("weftd tx round dispute %d %d %s SLOT (a deposit is held until it is decided)", x.round.Round.Run, x.round.Round.Number, x.part.Trainer)
	}
	return &OpError{Op: "confirm the work of", Ref: string(x.part.Trainer), Code: codeFraud, Hint: hint,
		Err: fmt.Errorf("%d of %d slots are not what was committed to", forged, done)}
}

// slot audits one slot and says whether it is what was committed to.
func (x *audit) slot(w *protocol.SlotWork) (bool, error) {
	body, err := x.blob(w.Commit.Body, protocol.MaxBodyBytes)
	if err != nil {
		return false, err
	}
	t, err := trainer.NewTrail(trainer.NewJob(x.spec, &x.round.Round, w.Index, x.start, x.setup.config.Train), w.Commit, body)
	if err != nil {
		return false, err
	}
	if x.segment >= 0 {
		r, err := t.Audit(x.ctx, x.work, uint32(x.segment), func(leaf uint32) (*trainer.Served, error) { return x.state(t, leaf) })
		if err != nil {
			return false, err
		}
		how := "recomputed from the checkpoint"
		if r.Served {
			how = "from the state that its trainer serves"
		}
		return r.OK, x.verdict(t, r.OK, r.Segment, r.Got, fmt.Sprintf("segment %d, %s", x.segment, how))
	}
	differs, last, err := t.Walk(x.ctx, x.work, t.Segments(), nil)
	if err != nil {
		return false, err
	}
	ok := differs == t.Segments()
	return ok, x.verdict(t, ok, differs, last, fmt.Sprintf("all %d segments, recomputed from the checkpoint", t.Segments()))
}

// state asks the mirrors, one after another, for the state that the trace commits to at a leaf.
func (x *audit) state(t *trainer.Trail, leaf uint32) (*trainer.Served, error) {
	n := len(t.Job.Start.Adapter.Params)
	var errs []error
	for _, m := range x.from {
		b, err := m.State(x.ctx, t.Job.Run, t.Job.Round, t.Job.Slot, leaf, int64(trainer.MaxServed(n, t.Job.Spec.SegmentLen())))
		var got *trainer.Served
		if err == nil {
			got, err = trainer.DecodeServed(b, n)
		}
		if err == nil {
			err = got.Check(t.Commit.Trace, leaf, t.Segments()+1, t.StepsAt(leaf))
		}
		if err == nil {
			return got, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(append(errs, errors.New("the state is not served"))...)
}

// verdict prints what was found, and what differed first if the trainer shows its state.
func (x *audit) verdict(t *trainer.Trail, ok bool, segment uint32, got *trainer.Segment, what string) error {
	f := fields{"run": t.Job.Run, "round": t.Job.Round, "worker": x.part.Trainer, "slot": t.Job.Slot, "segment": segment, "ok": ok, "leaf": got.Leaf}
	if ok {
		x.p.event("audit", f, "slot %-4d OK: %s, gives what was committed to", t.Job.Slot, what)
		return nil
	}
	committed := t.Leaves[segment+1]
	f["committed"] = committed
	text := fmt.Sprintf("slot %-4d FORGED: %s\n  segment   %d (steps %d to %d)\n  committed %s\n  real      %s",
		t.Job.Slot, what, segment, t.StepsAt(segment)+1, t.StepsAt(segment+1), committed, got.Leaf)
	theirs, err := x.state(t, segment+1)
	switch {
	case err != nil:
		f["difference"] = nil
		text += "\n  its trainer does not show the state that it committed to, so what differs in it cannot be said"
	default:
		d := trainer.FirstDifference(t.Job.Start.Adapter, theirs, got)
		if d == nil {
			return fmt.Errorf("the states are equal but their leaves are not: this is a bug")
		}
		f["difference"] = fields{"where": d.Where, "element": d.Element, "committed_bits": fmt.Sprintf("%0*x", d.Bits/4, d.Got), "real_bits": fmt.Sprintf("%0*x", d.Bits/4, d.Want)}
		text += "\n  first     " + d.String()
	}
	x.p.event("audit", f, "%s", text)
	return nil
}
