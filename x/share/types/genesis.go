package types

import (
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// DefaultGenesis has no pools.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks the accounts against each other: positions add up to the supply, and what was deposited is claimed, pending, owed or left
// over, to the last 2^-64 of a unit.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	pools, err := gs.tallies()
	if err != nil {
		return err
	}
	seen := map[[2]string]bool{}
	for _, hp := range gs.Positions {
		if _, err := sdk.AccAddressFromBech32(hp.Holder); err != nil {
			return ErrBooks.Wrapf("holder %q: %s", hp.Holder, err)
		}
		key := [2]string{hp.Holder, hp.Model}
		if seen[key] {
			return ErrBooks.Wrapf("two positions of %s in %s", hp.Holder, hp.Model)
		}
		seen[key] = true
		t, ok := pools[hp.Model]
		if !ok {
			return ErrBooks.Wrapf("%s has a position in %q, which has no pool", hp.Holder, hp.Model)
		}
		if err := t.add(hp); err != nil {
			return err
		}
	}
	for _, p := range gs.Pools {
		if err := pools[p.Model].check(); err != nil {
			return err
		}
	}
	return nil
}

func (gs GenesisState) tallies() (map[string]*tally, error) {
	pools := map[string]*tally{}
	for i, p := range gs.Pools {
		if i > 0 && gs.Pools[i-1].Model >= p.Model {
			return nil, ErrBooks.Wrapf("pools are not sorted at %q", p.Model)
		}
		t, err := newTally(p)
		if err != nil {
			return nil, err
		}
		pools[p.Model] = t
		if err := gs.checkTimes(p); err != nil {
			return nil, err
		}
	}
	return pools, nil
}

// checkTimes checks that streams under way can be moved to another time.
func (gs GenesisState) checkTimes(p Pool) error {
	for _, s := range p.Streams {
		if !s.Pending.IsPositive() {
			continue
		}
		if gs.Time == nil {
			return ErrBooks.Wrapf("pool %s: %s is under way, and the time of the export is missing", p.Model, s.Denom)
		}
		if s.ReleasedAt.After(*gs.Time) || s.Until.Before(s.ReleasedAt) || s.Until.Sub(s.ReleasedAt) > MaxStreamTime {
			return ErrBooks.Wrapf("pool %s: %s was released at %s and streams until %s, exported at %s", p.Model, s.Denom, s.ReleasedAt, s.Until,
				gs.Time)
		}
	}
	return nil
}
