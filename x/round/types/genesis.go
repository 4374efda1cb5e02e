package types

import "github.com/weftnet/weft/x/round/protocol"

// DefaultGenesis has no runs.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks that the values are well formed, sorted and belong together.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	current, reserved := map[[2]uint64]bool{}, map[uint64]uint64{}
	for _, run := range gs.Runs {
		reserved[run.Id] = run.Escrow.Reserved
	}
	for i, run := range gs.Runs {
		r, err := run.Protocol()
		if err != nil {
			return err
		}
		if r.ID == 0 || (i > 0 && r.ID <= gs.Runs[i-1].Id) {
			return ErrGenesis.Wrapf("run %d is out of order", r.ID)
		}
		if err := checkEscrow(&r); err != nil {
			return err
		}
		for _, n := range r.Unsettled {
			current[[2]uint64{r.ID, n}] = false
		}
		if r.Current != 0 {
			current[[2]uint64{r.ID, r.Current}] = false
		}
	}
	for _, round := range gs.Rounds {
		r, err := round.Protocol()
		if err != nil {
			return err
		}
		key := [2]uint64{r.Run, r.Number}
		seen, listed := current[key]
		// A settled round that is disputed again is listed at once and leaves SETTLED when its run is next moved on.
		live := r.Phase.Live() || listed && r.Phase == protocol.PhaseSettled
		if listed != live || seen {
			return ErrGenesis.Wrapf("round %d of run %d is %s, which its run does not say", r.Number, r.Run, r.Phase)
		}
		if live {
			current[key] = true
			reserved[r.Run] -= r.Reserved
		}
	}
	for key, found := range current {
		if !found {
			return ErrGenesis.Wrapf("round %d of run %d is missing", key[1], key[0])
		}
	}
	for _, run := range gs.Runs {
		if reserved[run.Id] != 0 {
			return ErrGenesis.Wrapf("run %d reserves %d, its live rounds another amount", run.Id, run.Escrow.Reserved)
		}
	}
	return gs.checkMembers()
}

func checkEscrow(r *protocol.Run) error {
	e := r.Escrow
	if e.Free+e.Reserved+e.Owed+e.Refunded != r.Spec.Budget {
		return ErrGenesis.Wrapf("escrow of run %d does not sum to its budget", r.ID)
	}
	if r.Status == protocol.StatusEnded && e.Free+e.Reserved != 0 {
		return ErrGenesis.Wrapf("run %d ended and still has an escrow", r.ID)
	}
	return nil
}

// checkMembers checks parts, votes and what is owed.
func (gs GenesisState) checkMembers() error {
	for _, part := range gs.Parts {
		if _, err := part.Protocol(); err != nil {
			return err
		}
	}
	for _, vote := range gs.Votes {
		if _, err := vote.Protocol(); err != nil {
			return err
		}
	}
	for _, dispute := range gs.Disputes {
		if _, err := dispute.Protocol(); err != nil {
			return err
		}
	}
	for i, owed := range gs.Owed {
		if owed.Amount == 0 || owed.Account == "" || (i > 0 && owed.Account <= gs.Owed[i-1].Account) {
			return ErrGenesis.Wrapf("owed to %q is out of order or nothing", owed.Account)
		}
	}
	return nil
}
