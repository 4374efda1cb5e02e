package protocol

import (
	"math"
	"math/big"
)

// Deterrence is what forging a number of segments of one slot is worth beside
// doing them, for a trainer whose work costs it as much as it earns.
// docs/money.md derives the formula.
type Deterrence struct {
	Forged uint32 // segments, from 1 to Segments
	// Caught is the chance of being convicted, in millionths, rounded down.
	Caught uint64
	// Gain is the expected uweft more than by honest work, rounded up: negative
	// when forging loses.
	Gain int64
	// Bond is the least bond per slot at which it does not pay.
	Bond uint64
}

// Assumptions are what the spec does not say about a cheat.
type Assumptions struct {
	Outside uint64 // uweft that forged work of one slot is worth outside of the run
	Honest  uint32 // chance that an auditor is honest, in basis points: the honest part of the weight
}

// DefaultAssumptions: forged work is worth as much again as the slot's pay, and
// a third of the weight looks the other way.
func (s RunSpec) DefaultAssumptions() Assumptions {
	return Assumptions{Outside: s.SlotReward(), Honest: 6_667}
}

// SlotReward is the most that one slot can earn in a round: the trainers' part
// when only min_trainers slots are dealt.
func (s RunSpec) SlotReward() uint64 {
	parts := []uint64{uint64(s.Split.Trainers), BasisPoints - uint64(s.Split.Trainers)}
	return Allot(s.RewardPerRound, parts)[0] / max(uint64(s.MinTrainers), 1)
}

// Deter tells of every number of forged segments what it is worth, exactly.
// With c audits of a slot of S segments, m of them forged, an auditor a does x_a
// on average, and the x_a of honest ones sum to honest*c. Each draws for itself
// and misses all forged segments with chance at most exp(-x_a*m/S), so that one
// of them meets one with
//
//	q(m) >= 1 - exp(-x) >= 1 - 1/(1 + x + x^2/2 + x^3/6),  x = honest*c*m/S
//
// (the last is a fraction). Forging m segments instead of doing them is worth
//
//	gain + saved(m) - q(m) * (reward + gain + 9/10 bond)
//
// where saved(m) = reward*m/S.
func (s RunSpec) Deter(a Assumptions) []Deterrence {
	n := s.Segments(s.InnerSteps)
	out := make([]Deterrence, 0, n)
	reward, gain := ratio(s.SlotReward(), 1), ratio(a.Outside, 1)
	for m := uint32(1); m <= n; m++ {
		q := caught(ratio(uint64(a.Honest)*uint64(s.Audits)*uint64(m), BasisPoints*uint64(n)))
		worth := new(big.Rat).Add(gain, new(big.Rat).Mul(reward, ratio(uint64(m), uint64(n)))) // gain + saved
		out = append(out, Deterrence{Forged: m, Caught: floor(new(big.Rat).Mul(q, ratio(1_000_000, 1))).Uint64(),
			Gain: clamp(s.expected(worth, q, reward, gain)), Bond: leastBond(worth, q, reward, gain)})
	}
	return out
}

// caught is 1 - 1/(1 + x + x^2/2 + x^3/6).
func caught(x *big.Rat) *big.Rat {
	sum, term := ratio(1, 1), ratio(1, 1)
	for i := uint64(1); i <= 3; i++ {
		sum.Add(sum, term.Mul(term, x).Mul(term, ratio(1, i)))
	}
	return new(big.Rat).Sub(ratio(1, 1), sum.Inv(sum))
}

// expected is worth - q*(reward + gain + 9/10 bond), rounded up.
func (s RunSpec) expected(worth, q, reward, gain *big.Rat) *big.Int {
	loss := new(big.Rat).Mul(ratio(s.BondPerSlot, 1), ratio(9, 10))
	loss.Add(loss, reward).Add(loss, gain).Mul(loss, q)
	e := new(big.Rat).Sub(worth, loss)
	return new(big.Int).Neg(floor(e.Neg(e)))
}

// leastBond is [worth/q - (reward + gain)] * 10/9, rounded up, at least 0.
func leastBond(worth, q, reward, gain *big.Rat) uint64 {
	if q.Sign() == 0 {
		return math.MaxUint64 // never caught: no bond deters
	}
	b := new(big.Rat).Quo(worth, q)
	b.Sub(b, reward).Sub(b, gain).Mul(b, ratio(10, 9))
	if b.Sign() <= 0 {
		return 0
	}
	up := new(big.Int).Neg(floor(b.Neg(b)))
	if !up.IsUint64() {
		return math.MaxUint64
	}
	return up.Uint64()
}

func ratio(a, b uint64) *big.Rat {
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
}

func floor(r *big.Rat) *big.Int {
	q, m := new(big.Int), new(big.Int)
	q.DivMod(r.Num(), r.Denom(), m) // Euclidean: towards minus infinity, since the divisor is positive
	return q
}

func clamp(v *big.Int) int64 {
	switch {
	case v.IsInt64():
		return v.Int64()
	case v.Sign() < 0:
		return math.MinInt64
	default:
		return math.MaxInt64
	}
}
