package app

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	sharetypes "github.com/weftnet/weft/x/share/types"
)

// refuseShareDenoms runs before every other check of a transaction. Parameters change only through MsgSubmitProposal, directly or inside
// MsgExec, so what gets past it cannot make shares the coin of staking, minting or deposits: those move coins without the restriction
// that keeps a holder's position equal to the balance. Fees in shares fail by that restriction.
func refuseShareDenoms(next sdk.AnteHandler) sdk.AnteHandler {
	return func(ctx sdk.Context, tx sdk.Tx, simulate bool) (sdk.Context, error) {
		if err := checkMsgs(tx.GetMsgs(), 0); err != nil {
			return ctx, err
		}
		return next(ctx, tx, simulate)
	}
}

// maxNesting bounds proposals in grants in proposals.
const maxNesting = 6

func checkMsgs(msgs []sdk.Msg, depth int) error {
	if depth > maxNesting {
		return sharetypes.ErrInvalid.Wrap("messages nested too deep")
	}
	for _, m := range msgs {
		if err := checkMsg(m, depth); err != nil {
			return err
		}
	}
	return nil
}

func checkMsg(m sdk.Msg, depth int) error {
	switch m := m.(type) {
	case *govv1.MsgSubmitProposal:
		inner, err := m.GetMsgs()
		if err != nil {
			return err
		}
		return checkMsgs(inner, depth+1)
	case *authz.MsgExec:
		inner, err := m.GetMessages()
		if err != nil {
			return err
		}
		return checkMsgs(inner, depth+1)
	case *stakingtypes.MsgUpdateParams:
		return sharetypes.RefuseShares("bond_denom", m.Params.BondDenom)
	case *minttypes.MsgUpdateParams:
		return sharetypes.RefuseShares("mint_denom", m.Params.MintDenom)
	case *govv1.MsgUpdateParams:
		return refuseDeposits(m.Params)
	}
	return nil
}

func refuseDeposits(p govv1.Params) error {
	for _, c := range slices.Concat(p.MinDeposit, p.ExpeditedMinDeposit) {
		if err := sharetypes.RefuseShares("min_deposit", c.Denom); err != nil {
			return err
		}
	}
	return nil
}
