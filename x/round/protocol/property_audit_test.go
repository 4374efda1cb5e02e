package protocol

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/weftnet/weft/ckpt/digest"
)

// someTrace is a trace with or without a forged segment.
func (s *script) someTrace(t *rapid.T, round uint64, slot, steps uint32) digest.Digest {
	delete(s.forged, workOf(round, slot))
	if rapid.IntRange(0, 2).Draw(t, "forges") == 0 {
		s.forged[workOf(round, slot)] = rapid.Uint32Range(0, s.Run.Spec.Segments(steps)-1).Draw(t, "segment")
	}
	root, _ := tree(s.leaves(round, slot, steps), 0)
	return root
}

// auditEvent draws what attesters and accusers do in REVIEW and DISPUTE; the
// judges are honest, so that rulings are found.
func auditEvent(t *rapid.T, s *script, a args, verb string) Event {
	a.keys["slot"] = fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "slot"))
	if r := s.Find(a.num("round", 0)); r != nil && rapid.IntRange(0, 4).Draw(t, "knows") > 0 {
		a.words[0] = string(whoseTurn(t, r, &a, verb))
	}
	if verb == "audit" {
		if rapid.Bool().Draw(t, "all") {
			delete(a.keys, "slot")
		}
		a.keys["say"] = rapid.SampledFrom([]string{"", "", "", "", "ok", "bad"}).Draw(t, "say")
		a.keys["work"] = rapid.SampledFrom([]string{"", "", "", "none"}).Draw(t, "work")
	}
	return s.event(verb, a)
}

// whoseTurn is somebody who can do the thing now, if there is one: an auditor
// that was asked, or an attester that has not judged the dispute that it draws.
func whoseTurn(t *rapid.T, r *RoundState, a *args, verb string) Account {
	who := []Account{Account(a.words[0])}
	switch {
	case verb == "audit":
		r.eachAudit(func(_ *SlotWork, x *Audit) {
			if x.Verdict == 0 {
				who = append(who, x.Auditor)
			}
		})
	case verb != "dispute" && len(r.Disputes) > 0:
		d := rapid.SampledFrom(r.Disputes).Draw(t, "dispute")
		a.keys["slot"] = fmt.Sprint(d.Slot)
		for _, seat := range r.Round.Seats {
			if _, voted := findJudgement(d.Votes, seat.Account); !voted || verb == "conclude" {
				who = append(who, seat.Account)
			}
		}
	}
	return who[rapid.IntRange(0, 7).Draw(t, "who")%len(who)]
}

// firstRound plays round 1 up to FINAL, with traces that are forged or not, so
// that a history may begin where audits do. It does nothing when too few take
// part.
func (s *script) firstRound(t *rapid.T) (steps []Step) {
	block := func() {
		s.now = s.now.Add(time.Second)
		more, err := s.Advance(s.now, &s.world)
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, more...)
	}
	block()
	r := s.Find(1)
	if r == nil {
		return steps
	}
	do := func(e Event) {
		more, err := s.Apply(s.now, &s.world, e)
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, more...)
	}
	var all []uint32
	r.eachSlot(func(w *SlotWork) { all = append(all, w.Index) })
	for _, slot := range all {
		account, _ := s.work(1, slot)
		do(CommitWork{Account: account, Round: 1, Slot: slot, Commit: Commit{Body: named(fmt.Sprint("body", slot)),
			Trace: s.someTrace(t, 1, slot, 4), Steps: 4, Size: 9}})
	}
	block()
	seats := s.Find(1).Round.Seats
	for _, seat := range seats {
		do(Witness{Account: seat.Account, Round: 1, Ok: all})
	}
	block()
	a := args{keys: map[string]string{"round": "1"}}
	for _, seat := range seats {
		a.words = []string{string(seat.Account)}
		do(s.event("attest", a))
	}
	block()
	do(s.event("reveal", a))
	block()
	return steps
}
