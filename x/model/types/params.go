package types

import sdk "github.com/cosmos/cosmos-sdk/types"

// DefaultParams take the chain's own coin, one whole coin at least.
func DefaultParams() Params {
	return Params{MinFunding: sdk.NewInt64Coin(sdk.DefaultBondDenom, 1_000_000)}
}

// Validate checks the parameters.
func (p Params) Validate() error {
	if err := p.MinFunding.Validate(); err != nil {
		return ErrInvalid.Wrapf("min_funding: %s", err)
	}
	if !p.MinFunding.IsPositive() {
		return ErrInvalid.Wrap("min_funding: must be positive")
	}
	return nil
}

// Check returns an error when c may not be paid into a treasury.
func (p Params) Check(c sdk.Coin) error {
	if err := c.Validate(); err != nil {
		return ErrFunding.Wrap(err.Error())
	}
	if c.Denom != p.MinFunding.Denom || c.IsLT(p.MinFunding) {
		return ErrFunding.Wrapf("%s, want at least %s", c, p.MinFunding)
	}
	return nil
}
