package types

import (
	"math"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/protocol"
)

// maxEvidenceWindow bounds how long a bond can stay locked after its run.
const maxEvidenceWindow = 365 * 24 * time.Hour

// DefaultParams use the chain's own coin, keep bonds for three days, hold 10 WEFT
// of an accuser and fine a wrong verdict a tenth of a bond.
func DefaultParams() Params {
	return Params{
		Denom: sdk.DefaultBondDenom, EvidenceWindow: 72 * time.Hour, MaxAdvances: 64, Deposit: 10_000_000, Fine: protocol.BasisPoints / 10,
		Floor: Floor{Trainers: 3, Attesters: 4, BondedStake: 100_000_000_000},
	}
}

// Terms are the parameters that the rules need.
func (p Params) Terms() protocol.Terms {
	return protocol.Terms{
		EvidenceWindow: p.EvidenceWindow, Deposit: p.Deposit, Fine: p.Fine,
		Floor: protocol.Floor{Trainers: p.Floor.Trainers, Attesters: p.Floor.Attesters, Stake: p.Floor.BondedStake},
	}
}

// Validate checks the parameters.
func (p Params) Validate() error {
	if err := sdk.ValidateDenom(p.Denom); err != nil {
		return ErrInvalid.Wrapf("denom: %s", err)
	}
	if p.EvidenceWindow < 0 || p.EvidenceWindow > maxEvidenceWindow {
		return ErrInvalid.Wrapf("evidence_window is %s, wants 0 to %s", p.EvidenceWindow, maxEvidenceWindow)
	}
	if p.MaxAdvances < 1 || p.MaxAdvances > 10_000 {
		return ErrInvalid.Wrapf("max_advances is %d, wants 1 to 10000", p.MaxAdvances)
	}
	if p.Deposit < 1 || p.Deposit > math.MaxInt64 {
		return ErrInvalid.Wrapf("deposit is %d, wants 1 to %d: a dispute makes every attester work", p.Deposit, uint64(math.MaxInt64))
	}
	if p.Fine < 1 || p.Fine > protocol.BasisPoints {
		return ErrInvalid.Wrapf("fine is %d basis points, wants 1 to %d", p.Fine, protocol.BasisPoints)
	}
	return nil
}
