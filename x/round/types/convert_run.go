package types

import (
	"time"

	"github.com/weftnet/weft/x/round/protocol"
)

// RunOf makes the stored form of a run. wake, fault and pruned are the keeper's.
func RunOf(r *protocol.Run, wake time.Time, fault string, pruned uint64) Run {
	out := Run{
		Id: r.ID, Spec: SpecOf(r.Spec), Status: Status(r.Status), End: EndReason(r.End),
		Opened: r.Opened, WaitSince: r.WaitSince, Start: r.Start.Text(), Head: r.Head.Text(),
		Cursor: r.Cursor, Next: r.Next, Current: r.Current, Finals: r.Finals, Skipped: r.Skipped,
		Unsettled: r.Unsettled,
		Escrow:    Escrow{Free: r.Escrow.Free, Reserved: r.Escrow.Reserved, Owed: r.Escrow.Owed, Refunded: r.Escrow.Refunded},
		Wake:      wake, Fault: fault, Pruned: pruned, Suspect: r.Suspect,
	}
	for _, t := range r.Trainers {
		out.Trainers = append(out.Trainers, Trainer{
			Account: string(t.Account), Slots: t.Slots, Bonded: t.Bonded, Misses: t.Misses, Strikes: t.Strikes,
			Inactive: t.Inactive, InactiveUntil: t.InactiveUntil, LastSelected: t.LastSelected, Leaving: t.Leaving,
		})
	}
	for _, a := range r.Attesters {
		out.Attesters = append(out.Attesters, Attester{
			Account: string(a.Account), Bonded: a.Bonded, Ready: a.Ready, Absent: a.Absent, Missed: a.Missed, Leaving: a.Leaving,
		})
	}
	return out
}

// Protocol is the inverse of RunOf.
func (r Run) Protocol() (protocol.Run, error) {
	var d decoder
	spec, err := r.Spec.Protocol()
	if err != nil {
		return protocol.Run{}, err
	}
	out := protocol.Run{
		ID: r.Id, Spec: spec, Status: protocol.Status(r.Status), End: protocol.EndReason(r.End),
		Opened: r.Opened, WaitSince: r.WaitSince, Start: d.digest("start", r.Start), Head: d.digest("head", r.Head),
		Cursor: r.Cursor, Next: r.Next, Current: r.Current, Finals: r.Finals, Skipped: r.Skipped,
		Unsettled: r.Unsettled,
		Escrow:    protocol.Escrow{Free: r.Escrow.Free, Reserved: r.Escrow.Reserved, Owed: r.Escrow.Owed, Refunded: r.Escrow.Refunded},
		Suspect:   r.Suspect,
	}
	for _, t := range r.Trainers {
		out.Trainers = append(out.Trainers, protocol.Trainer{
			Account: protocol.Account(t.Account), Slots: t.Slots, Bonded: t.Bonded, Misses: t.Misses, Strikes: t.Strikes,
			Inactive: t.Inactive, InactiveUntil: t.InactiveUntil, LastSelected: t.LastSelected, Leaving: t.Leaving,
		})
	}
	for _, a := range r.Attesters {
		out.Attesters = append(out.Attesters, protocol.Attester{
			Account: protocol.Account(a.Account), Bonded: a.Bonded, Ready: a.Ready, Absent: a.Absent, Missed: a.Missed, Leaving: a.Leaving,
		})
	}
	return out, d.err
}
