package keeper_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/cosmos/cosmos-sdk/store/v2/types"

	sharetypes "github.com/weftnet/weft/x/share/types"
)

// ledger does the same arithmetic with exact rationals.
type ledger struct {
	shares, paid     []int64
	earned           []*big.Rat
	supply, received int64
}

func newLedger(n int) *ledger {
	l := &ledger{shares: make([]int64, n), paid: make([]int64, n)}
	for range n {
		l.earned = append(l.earned, new(big.Rat))
	}
	return l
}

func (l *ledger) deposit(v int64) {
	l.received += v
	for i, s := range l.shares {
		l.earned[i].Add(l.earned[i], new(big.Rat).Mul(big.NewRat(v, 1), big.NewRat(s, l.supply)))
	}
}

// Any sequence of mints, deposits, transfers and claims pays every holder what exact rationals say, less at most 2 units, and never
// more; and the exported state passes the checks of genesis, which add up every fraction.
func TestMatchesRationals(t *testing.T) {
	const holders = 5
	rapid.Check(t, func(rt *rapid.T) {
		c, l := newChain(t), newLedger(holders)
		no := func(err error) {
			if err != nil {
				rt.Fatal(err)
			}
		}
		claim := func(i int) {
			n, err := c.claim(i)
			no(err)
			l.paid[i] += n
		}
		for range rapid.IntRange(1, 80).Draw(rt, "steps") {
			i, j := rapid.IntRange(0, holders-1).Draw(rt, "i"), rapid.IntRange(0, holders-1).Draw(rt, "j")
			v := rapid.Int64Range(1, 1_000_000_000).Draw(rt, "v")
			switch rapid.IntRange(0, 3).Draw(rt, "op") {
			case 0:
				no(c.mint(i, v))
				l.shares[i], l.supply = l.shares[i]+v, l.supply+v
			case 1:
				if l.supply > 0 {
					no(c.deposit(v))
					l.deposit(v)
				}
			case 2:
				if v = min(v, l.shares[i]); v > 0 {
					no(c.bank.SendCoins(c.ctx, holder(i), holder(j), coins(v, share)))
					l.shares[i] -= v
					l.shares[j] += v
				}
			case 3:
				claim(i)
			}
		}
		var out int64
		for i := range holders {
			claim(i)
			out += l.paid[i]
			short := new(big.Rat).Sub(l.earned[i], big.NewRat(l.paid[i], 1))
			if short.Sign() < 0 || short.Cmp(big.NewRat(2, 1)) > 0 {
				rt.Fatalf("holder %d earned %s and was paid %d", i, l.earned[i].FloatString(6), l.paid[i])
			}
			if got := c.bank.GetBalance(c.ctx, holder(i), share).Amount.Int64(); got != l.shares[i] {
				rt.Fatalf("holder %d has %d shares, the ledger %d", i, got, l.shares[i])
			}
		}
		if out > l.received {
			rt.Fatalf("paid %d of %d", out, l.received)
		}
		gs, err := c.k.ExportGenesis(c.ctx)
		no(err)
		no(gs.Validate())
	})
}

// A claim costs the same gas whatever happened before, but for the digits of larger numbers.
func TestClaimGasIsConstant(t *testing.T) {
	var least, most uint64
	for n, size := range []struct{ rounds, holders int }{{1, 1}, {1000, 10}, {10, 1000}, {5000, 500}} {
		c := newChain(t)
		for h := range size.holders {
			if err := c.mint(h, 1_000_000); err != nil {
				t.Fatal(err)
			}
		}
		for r := range size.rounds {
			if err := c.mint(r%size.holders, 1000); err != nil {
				t.Fatal(err)
			}
			if err := c.deposit(1_000_000_000); err != nil {
				t.Fatal(err)
			}
		}
		c.ctx = c.ctx.WithGasMeter(types.NewInfiniteGasMeter())
		if _, err := c.claim(0); err != nil {
			t.Fatal(err)
		}
		gas := c.ctx.GasMeter().GasConsumed()
		t.Logf("%d rounds, %d holders: %d gas", size.rounds, size.holders, gas)
		if n == 0 {
			least, most = gas, gas
		}
		least, most = min(least, gas), max(most, gas)
	}
	if most-least > least/10 {
		t.Fatalf("claims cost between %d and %d gas", least, most)
	}
}

func FuzzDenom(f *testing.F) {
	for _, s := range []string{"", "a", model, "a/b", "share/x", "A_b.c:d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		d, err := sharetypes.Denom(name)
		if err != nil {
			return
		}
		if back, ok := sharetypes.ModelOf(d); !ok || back != name {
			t.Fatalf("%q became %q", name, back)
		}
	})
}
