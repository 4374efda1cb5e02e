package protocol

// split divides the round's reward and shares among trainers, attesters, the
// model's owner and the data's owner. The owner earns nothing of what the
// community pool gave.
func (m *machine) split(r *RoundState) (reward, shares []uint64) {
	spec := &m.Run.Spec
	parts := []uint64{uint64(spec.Split.Trainers), uint64(spec.Split.Attesters), uint64(spec.Split.Owner), uint64(spec.Split.Data)}
	reward, shares = Allot(spec.RewardPerRound, parts), Allot(r.Round.Shares, parts)
	if spec.Budget > 0 { // a run without a budget can only mint shares
		from := []uint64{spec.Budget - spec.Community, spec.Community}
		reward[2], shares[2] = Allot(reward[2], from)[0], Allot(shares[2], from)[0]
	}
	return reward, shares
}

// heldTokens counts the tokens of parts whose pay is held for a dispute.
func (r *RoundState) heldTokens() (n uint64) {
	for i := range r.Parts {
		if r.Parts[i].Held {
			n += r.Parts[i].Tokens
		}
	}
	return n
}

// earned is what a part of a reward comes to when so many tokens are verified
// of those assigned. It grows with them.
func (r *RoundState) earned(total, tokens uint64) uint64 {
	return Allot(total, []uint64{tokens, r.Round.Result.AssignedTokens - tokens})[0]
}

// owned is what the two owners get, in uweft, for so many verified tokens.
func (m *machine) owned(r *RoundState, tokens uint64) uint64 {
	reward, _ := m.split(r)
	return r.earned(reward[2], tokens) + r.earned(reward[3], tokens)
}

// payOwners credits both owners with what further verified tokens bring them.
func (m *machine) payOwners(r *RoundState, tokens uint64) error {
	model, err := m.world.Model()
	if err != nil {
		return err
	}
	before := r.Round.Verified
	r.Round.Verified += tokens
	reward, shares := m.split(r)
	more := func(total uint64) uint64 { return r.earned(total, r.Round.Verified) - r.earned(total, before) }
	m.credit(r, model.Owner, RoleOwner, more(reward[2]), more(shares[2]))
	m.credit(r, m.Run.Spec.DataOwner, RoleData, more(reward[3]), more(shares[3]))
	return nil
}
