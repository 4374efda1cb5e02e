package types

import (
	"slices"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// DefaultGenesis has no pools.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks the accounts against each other: positions add up to the supply, nothing is owed that was not deposited.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	pools := map[string]*tally{}
	for i, p := range gs.Pools {
		if i > 0 && gs.Pools[i-1].Model >= p.Model {
			return ErrGenesis.Wrapf("pools are not sorted at %q", p.Model)
		}
		t, err := newTally(p)
		if err != nil {
			return err
		}
		pools[p.Model] = t
	}
	seen := map[[2]string]bool{}
	for _, hp := range gs.Positions {
		if _, err := sdk.AccAddressFromBech32(hp.Holder); err != nil {
			return ErrGenesis.Wrapf("holder %q: %s", hp.Holder, err)
		}
		key := [2]string{hp.Holder, hp.Model}
		if seen[key] {
			return ErrGenesis.Wrapf("two positions of %s in %s", hp.Holder, hp.Model)
		}
		seen[key] = true
		t, ok := pools[hp.Model]
		if !ok {
			return ErrGenesis.Wrapf("%s has a position in %q, which has no pool", hp.Holder, hp.Model)
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

// tally adds up the positions of one pool.
type tally struct {
	pool   Pool
	shares math.Int
	owed   []math.Int // per stream, times 2^64
}

func newTally(p Pool) (*tally, error) {
	if _, err := NewPool(p.Model, p.MaxSupply); err != nil {
		return nil, err
	}
	if p.Supply.IsNil() || p.Supply.IsNegative() || p.Supply.GT(p.MaxSupply) || len(p.Streams) > MaxStreams {
		return nil, ErrGenesis.Wrapf("pool %s: supply or streams out of range", p.Model)
	}
	t := &tally{pool: p, shares: math.ZeroInt()}
	for i, s := range p.Streams {
		if i > 0 && p.Streams[i-1].Denom >= s.Denom {
			return nil, ErrGenesis.Wrapf("pool %s: streams are not sorted", p.Model)
		}
		for _, v := range []math.Int{s.Index, s.Remainder, s.Deposited, s.Claimed} {
			if v.IsNil() || v.IsNegative() {
				return nil, ErrGenesis.Wrapf("pool %s: stream %s has a missing or negative number", p.Model, s.Denom)
			}
		}
		if s.Deposited.GT(maxDeposited) {
			return nil, ErrGenesis.Wrapf("pool %s: stream %s took in too much", p.Model, s.Denom)
		}
		t.owed = append(t.owed, math.ZeroInt())
	}
	return t, nil
}

func (t *tally) add(hp HolderPosition) error {
	pos := hp.Position
	if pos.Shares.IsNil() || pos.Shares.IsNegative() || pos.Shares.GT(t.pool.Supply) {
		return ErrGenesis.Wrapf("%s: shares of %s out of range", hp.Holder, hp.Model)
	}
	for _, e := range pos.Earnings {
		i, ok := t.pool.find(e.Denom)
		if !ok || e.Index.IsNil() || e.Owed.IsNil() || e.Index.IsNegative() || e.Owed.IsNegative() || e.Index.GT(t.pool.Streams[i].Index) {
			return ErrGenesis.Wrapf("%s: earnings of %s in %s are out of range", hp.Holder, hp.Model, e.Denom)
		}
	}
	pos.Earnings = slices.Clone(pos.Earnings)
	pos.Settle(t.pool)
	t.shares = t.shares.Add(pos.Shares)
	for i, e := range pos.Earnings {
		t.owed[i] = t.owed[i].Add(e.Owed)
	}
	return nil
}

func (t *tally) check() error {
	if !t.shares.Equal(t.pool.Supply) {
		return ErrGenesis.Wrapf("pool %s: positions hold %s shares of %s", t.pool.Model, t.shares, t.pool.Supply)
	}
	for i, s := range t.pool.Streams {
		// Every unit ever deposited is claimed, owed or left over from a division.
		if !t.owed[i].Add(s.Remainder).Add(s.Claimed.Mul(Scale)).Equal(s.Deposited.Mul(Scale)) {
			return ErrGenesis.Wrapf("pool %s: %s deposited, claimed and owed do not add up", t.pool.Model, s.Denom)
		}
	}
	return nil
}
