package protocol

// Part finds a trainer's part of the round; nil when it has none.
func (r *RoundState) Part(trainer Account) *Part { return r.part(trainer) }

// VoteBy finds an attester's vote in the round; an empty one when it has none.
func (r *RoundState) VoteBy(attester Account) Vote {
	if v := r.vote(attester); v != nil {
		return *v
	}
	return Vote{}
}

// Slot finds one of a trainer's slots in the round; nil when it has none of that number.
func (r *RoundState) Slot(trainer Account, slot uint32) *SlotWork {
	if p := r.part(trainer); p != nil {
		return p.Slot(slot)
	}
	return nil
}
