package protocol

import (
	"fmt"
	"strings"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

func (s *script) open(a args) []string {
	spec, manual := testSpec(), false
	for key := range a.keys {
		n := a.num(key, 0)
		switch key {
		case "min_trainers":
			spec.MinTrainers = uint32(n)
		case "max_trainers":
			spec.MaxTrainers = uint32(n)
		case "audits":
			spec.Audits = uint32(n)
		case "manual":
			manual = true
		case "community":
			spec.Community = n
		case "segment":
			spec.Segment = uint32(n)
		case "min_attesters":
			spec.MinAttesters = uint32(n)
		case "max_misses":
			spec.MaxMisses = uint32(n)
		case "max_unsettled":
			spec.MaxUnsettled = uint32(n)
		case "rounds":
			spec.Rounds = uint32(n)
			spec.Budget = n * spec.RewardPerRound
		case "eval_every":
			spec.EvalEvery = uint32(n)
		case "max_length":
			spec.MaxLength = time.Duration(n) * time.Second
		case "max_wait":
			spec.MaxWait = time.Duration(n) * time.Second
		case "grace":
			spec.Grace = time.Duration(n) * time.Second
		default:
			panic("unknown key " + key)
		}
	}
	if spec.EvalEvery == 0 {
		spec.Eval = digest.Digest{}
	}
	*s = script{now: midnight, world: fakeWorld{
		weights: map[Account]uint64{"v1": 10, "v2": 10, "v3": 10, "v4": 10},
		jailed:  map[Account]time.Time{}, left: 1 << 40,
	}, forged: map[string]uint32{}, manual: manual}
	state, steps, err := Open(1, spec, named("start"), s.now)
	s.State = state
	return s.record(steps, err)
}

// checkMoney compares the escrow with what came in and with the effects.
func (s *script) checkMoney() error {
	e := s.Run.Escrow
	reserved := uint64(0)
	for i := range s.Rounds {
		if s.Rounds[i].Round.Phase.Live() {
			reserved += s.Rounds[i].Round.Reserved
		}
	}
	switch {
	case e.Free+e.Reserved+e.Owed+e.Refunded != s.Run.Spec.Budget:
		return fmt.Errorf("escrow %+v does not sum to %d", e, s.Run.Spec.Budget)
	case e.Owed != s.credit || e.Refunded != s.refund:
		return fmt.Errorf("escrow %+v, but steps paid %d and refunded %d", e, s.credit, s.refund)
	case e.Reserved != reserved:
		return fmt.Errorf("escrow %+v, but live rounds reserve %d", e, reserved)
	default:
		return nil
	}
}

// show describes the run.
func (s *script) show() []string {
	r := &s.Run
	out := []string{fmt.Sprintf("run %s head=%s cursor=%d finals=%d skipped=%d free=%d reserved=%d owed=%d refunded=%d wake=%s",
		r.Status, short(r.Head), r.Cursor, r.Finals, r.Skipped, r.Escrow.Free, r.Escrow.Reserved, r.Escrow.Owed, r.Escrow.Refunded,
		wakeText(s.Wake(s.now)))}
	for _, t := range r.Trainers {
		text := fmt.Sprintf("trainer %s slots=%d bonded=%d misses=%d", t.Account, t.Slots, t.Bonded, t.Misses)
		if t.Inactive {
			text += " inactive until " + clock(t.InactiveUntil)
		}
		out = append(out, text)
	}
	for _, a := range r.Attesters {
		out = append(out, fmt.Sprintf("attester %s ready=%t absent=%d%s", a.Account, a.Ready, a.Absent, missedText(a)))
	}
	for i := range s.Rounds {
		out = append(out, s.Rounds[i].show()...)
	}
	return out
}

func wakeText(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return clock(t)
}

func (r *RoundState) show() []string {
	head := &r.Round
	text := fmt.Sprintf("round %d %s", head.Number, head.Phase)
	if !head.Phase.Live() {
		return []string{text}
	}
	text += fmt.Sprintf(" cursor=%d slots=%d included=%v weight=%d voted=%d", head.Cursor, head.Slots, head.Included, head.Weight(),
		head.Voted)
	out := []string{text}
	for i := range r.Parts {
		p := &r.Parts[i]
		var slots []string
		for _, w := range p.Slots {
			text := fmt.Sprintf("%d:%d steps ok=%d bad=%d fate=%d", w.Index, w.Commit.Steps, w.OkWeight, w.BadWeight, w.Fate)
			for _, x := range w.Audits {
				text += fmt.Sprintf(" audit %d by %s %s", x.Segment, x.Auditor, x.Verdict)
			}
			slots = append(slots, text)
		}
		text := fmt.Sprintf("  part %s [%s] %s", p.Trainer, strings.Join(slots, "; "), p.Reason)
		if p.Held {
			text += fmt.Sprintf(" held %d uweft, %d shares", p.Pay, p.Shares)
		}
		out = append(out, text)
	}
	for _, d := range r.Disputes {
		out = append(out, fmt.Sprintf("  dispute slot %d of %s by %s: %s, voted %d", d.Slot, d.Trainer, d.Accuser, d.Outcome, d.Voted))
	}
	return out
}

func missedText(a Attester) string {
	if a.Missed == 0 {
		return ""
	}
	return fmt.Sprintf(" missed=%d", a.Missed)
}
