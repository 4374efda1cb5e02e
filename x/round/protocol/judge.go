package protocol

import (
	"fmt"
	"slices"

	"github.com/weftnet/weft/ckpt/digest"
)

// votable finds an open dispute that may be voted on.
func (m *machine) votable(round uint64, slot uint32) (*RoundState, *Dispute, error) {
	r := m.Find(round)
	if r == nil {
		return nil, nil, fmt.Errorf("%w: run %d has no round %d", ErrPhase, m.Run.ID, round)
	}
	d := r.undecided(slot)
	if d == nil {
		return nil, nil, fmt.Errorf("%w: slot %d of round %d is not under dispute", ErrPhase, slot, round)
	}
	if !m.now.Before(d.Deadline) {
		return nil, nil, fmt.Errorf("%w: the dispute ended at %s", ErrDeadline, stamp(d.Deadline))
	}
	if d.Ruled {
		return nil, nil, fmt.Errorf("%w: the dispute over slot %d of round %d has its ruling", ErrDuplicate, slot, round)
	}
	return r, d, nil
}

func (e Judge) apply(m *machine) error {
	r, d, err := m.votable(e.Round, e.Slot)
	if err != nil {
		return err
	}
	seat, err := seated(r, e.Account)
	if err != nil {
		return err
	}
	if e.Blind.IsZero() {
		return fmt.Errorf("%w: an empty vote", ErrInvalid)
	}
	i, found := findJudgement(d.Votes, e.Account)
	if found {
		return fmt.Errorf("%w: %s voted on slot %d of round %d", ErrDuplicate, e.Account, e.Slot, e.Round)
	}
	d.Votes = slices.Insert(d.Votes, i, Judgement{Attester: e.Account, Blind: e.Blind, At: m.now})
	d.Voted += seat.Weight
	if total := r.Round.Weight(); d.QuorumAt.IsZero() && Quorum(d.Voted, total) {
		d.QuorumAt = m.now
	}
	m.tell(JudgementCast{Run: m.Run.ID, Round: e.Round, Slot: e.Slot, Account: e.Account, Voted: d.Voted, Total: r.Round.Weight()})
	return nil
}

// apply opens the votes of a dispute. Like Reveal it changes nothing when it
// opens less than two thirds.
func (e Conclude) apply(m *machine) error {
	r, d, err := m.votable(e.Round, e.Slot)
	if err != nil {
		return err
	}
	if _, err := seated(r, e.Account); err != nil {
		return err
	}
	b := ballot{total: r.Round.Weight(), quorumAt: d.QuorumAt, deadline: d.Deadline}
	for _, v := range d.Votes {
		if seat := r.Round.Seat(v.Attester); seat != nil {
			b.votes = append(b.votes, castVote{v.Attester, seat.Weight, v.Blind, v.At})
		}
	}
	if err := b.mayOpen(m.now, m.Run.Spec.Grace); err != nil {
		return err
	}
	if err := e.check(&m.Run.Spec, r.part(d.Trainer).Slot(e.Slot)); err != nil {
		return err
	}
	_, weight := b.opened(m.now, func(a Account) digest.Digest { return RulingBlind(a, m.Run.ID, e.Round, e.Slot, e.Ruling) })
	if !Quorum(weight, b.total) {
		return fmt.Errorf("%w: the ruling opens the votes of %d of %d", ErrNoQuorum, weight, b.total)
	}
	d.Ruled, d.Ruling = true, e.Ruling
	return nil
}

// check compares a ruling with the commitment. That the trace commits to
// another leaf is proved to the chain, not said by attesters.
func (e *Conclude) check(spec *RunSpec, w *SlotWork) error {
	n, audited := spec.Segments(w.Commit.Steps), 0
	for _, a := range w.Audits {
		if a.Segment < e.Ruling.Segment {
			audited++
		}
	}
	switch {
	case e.Ruling.Segment > n:
		return fmt.Errorf("%w: segment %d, the slot has %d", ErrInvalid, e.Ruling.Segment, n)
	case len(e.Ruling.Snapshots) != audited:
		return fmt.Errorf("%w: %d snapshots, %d audited segments lie before segment %d", ErrInvalid, len(e.Ruling.Snapshots), audited,
			e.Ruling.Segment)
	case e.Ruling.Segment == n && !e.Ruling.Leaf.IsZero():
		return fmt.Errorf("%w: no segment differs, but a leaf is named", ErrInvalid)
	case e.Ruling.Segment == n:
		return nil
	case e.Ruling.Leaf.IsZero() || e.Ruling.Leaf == e.Committed:
		return fmt.Errorf("%w: the recomputed leaf is the committed one or empty", ErrInvalid)
	case !digest.CheckProof(w.Commit.Trace, e.Committed, e.Ruling.Segment+1, n+1, e.Path):
		return fmt.Errorf("%w: the path does not prove that the trace commits to %s after segment %d", ErrInvalid, e.Committed, e.Ruling.Segment)
	}
	return nil
}
