package types

import (
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// maxEvidenceWindow bounds how long a bond can stay locked after its run.
const maxEvidenceWindow = 365 * 24 * time.Hour

// DefaultParams use the chain's own coin and keep bonds for three days.
func DefaultParams() Params {
	return Params{Denom: sdk.DefaultBondDenom, EvidenceWindow: 72 * time.Hour, MaxAdvances: 64}
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
	return nil
}
