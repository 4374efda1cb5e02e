package keeper_test

import (
	"math/big"
	"time"
)

// ledger does the module's arithmetic with exact rationals: revenue flows to the holders continuously.
type ledger struct {
	shares, paid     []int64
	earned           []*big.Rat
	supply, received int64
	pending          *big.Rat
	until, last      time.Time
}

func newLedger(n int, at time.Time) *ledger {
	l := &ledger{shares: make([]int64, n), paid: make([]int64, n), pending: new(big.Rat), until: at, last: at}
	for range n {
		l.earned = append(l.earned, new(big.Rat))
	}
	return l
}

// release lets revenue flow up to now.
func (l *ledger) release(now time.Time) {
	free := new(big.Rat).Set(l.pending)
	if now.Before(l.until) {
		free.Mul(free, big.NewRat(int64(now.Sub(l.last)), int64(l.until.Sub(l.last))))
	}
	l.pending.Sub(l.pending, free)
	l.last = now
	for i, s := range l.shares {
		if s > 0 {
			l.earned[i].Add(l.earned[i], new(big.Rat).Mul(free, big.NewRat(s, l.supply)))
		}
	}
}

// deposit adds v and returns the new end, before it is rounded up to a nanosecond: nanoseconds from now.
func (l *ledger) deposit(v int64, now time.Time, over time.Duration) *big.Rat {
	l.received += v
	d := big.NewRat(v, 1)
	left := new(big.Rat).Mul(d, big.NewRat(int64(over), 1))
	if l.pending.Sign() > 0 {
		left.Add(left, new(big.Rat).Mul(l.pending, big.NewRat(int64(l.until.Sub(now)), 1)))
	}
	l.pending.Add(l.pending, d)
	return left.Quo(left, l.pending)
}

// flowed returns what all holders have earned together.
func (l *ledger) flowed() *big.Rat {
	sum := new(big.Rat)
	for _, e := range l.earned {
		sum.Add(sum, e)
	}
	return sum
}

// got returns what the module has paid to and owes to each of n holders, with all fractions.
func (c *chain) got(l *ledger) ([]*big.Rat, error) {
	gs, err := c.k.ExportGenesis(c.ctx)
	if err != nil {
		return nil, err
	}
	p := gs.Pools[0]
	p.Release(c.ctx.BlockTime())
	index := map[string]int{}
	out := make([]*big.Rat, len(l.paid))
	for i, v := range l.paid {
		out[i] = big.NewRat(v, 1)
		index[holder(i).String()] = i
	}
	for _, hp := range gs.Positions {
		hp.Position.Settle(p)
		for _, e := range hp.Position.Earnings {
			i := index[hp.Holder]
			out[i].Add(out[i], new(big.Rat).SetFrac(e.Owed.BigInt(), new(big.Int).Lsh(big.NewInt(1), 64)))
		}
	}
	return out, nil
}
