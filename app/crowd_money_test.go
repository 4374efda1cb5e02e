package app_test

import (
	"math"
	"strings"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	modeltypes "github.com/weftnet/weft/x/model/types"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// money is a move of coins or shares.
func (c *crowd) money(ctx sdk.Context) sdk.Msg {
	model := c.earning(ctx)
	switch c.IntN(11) {
	case 0, 1:
		return c.claimPay(ctx)
	case 2, 3:
		return &sharetypes.MsgDeposit{Depositor: c.anybody(), Model: model, Amount: c.amount()}
	case 4, 5, 6:
		return c.claimShares(ctx, model)
	case 7, 8:
		return c.sendShares(ctx, model)
	case 9:
		return &modeltypes.MsgFund{Funder: pick(c, c.all()[:6]).String(), Model: model, Amount: c.amount()}
	default:
		return c.send()
	}
}

// earning is a model that has shares, if there is one and mostly.
func (c *crowd) earning(ctx sdk.Context) string {
	pools := read(c.shares.Pools(ctx, &sharetypes.QueryPoolsRequest{Pagination: everything})).Pools
	for _, i := range c.Perm(len(pools)) {
		if pools[i].Supply.IsPositive() && !c.one(8) {
			return pools[i].Model
		}
	}
	return pick(c, modelNames)
}

// amount is one that is likely to be there, or one that no ledger can hold.
func (c *crowd) amount() sdk.Coin {
	if c.one(12) {
		return sdk.NewCoin(coin(0).Denom, sdkmath.NewIntFromUint64(math.MaxUint64).Mul(sdkmath.NewIntFromUint64(c.Uint64())))
	}
	return coin(pick(c, []int64{1, 999, 1000, 12_345, 1_000_000, 1_000_001, 3_000_000, 7_777_777}))
}

// send moves coins between accounts, into the community pool, or into stake, which changes the weights of attesters.
func (c *crowd) send() sdk.Msg {
	amount := c.amount()
	switch c.IntN(5) {
	case 0:
		return &distrtypes.MsgFundCommunityPool{Amount: sdk.NewCoins(amount), Depositor: c.anybody()}
	case 1:
		return &stakingtypes.MsgDelegate{DelegatorAddress: c.anybody(), ValidatorAddress: pick(c, c.operators).ValAddress().String(),
			Amount: amount}
	case 2: // to a module, which takes nothing
		to := authtypes.NewModuleAddress(pick(c, []string{roundtypes.ModuleName, workertypes.ModuleName, modeltypes.ModuleName,
			sharetypes.ModuleName, "gov"}))
		return &banktypes.MsgSend{FromAddress: c.anybody(), ToAddress: to.String(), Amount: sdk.NewCoins(amount)}
	default:
		return &banktypes.MsgSend{FromAddress: c.anybody(), ToAddress: c.anybody(), Amount: sdk.NewCoins(amount)}
	}
}

func (c *crowd) claimPay(ctx sdk.Context) sdk.Msg {
	all := c.all()
	for _, i := range c.Perm(len(all)) {
		owed := read(c.rounds.Owed(ctx, &roundtypes.QueryOwedRequest{Account: all[i].String()}))
		if owed.Amount.IsPositive() {
			return &roundtypes.MsgClaimPay{Account: c.spelled(all[i].String())}
		}
	}
	return nil
}

// spelled writes an address in capitals now and then: bech32 allows it.
func (c *crowd) spelled(address string) string {
	if c.one(15) {
		return strings.ToUpper(address)
	}
	return address
}

// holder is somebody with shares of the model; a stranger when nobody has any.
func (c *crowd) holder(ctx sdk.Context, model string) (string, sdkmath.Int) {
	all := c.all()
	for _, i := range c.Perm(len(all)) {
		p, err := c.shares.Position(ctx, &sharetypes.QueryPositionRequest{Holder: all[i].String(), Model: model})
		if err == nil && p.View.Shares.IsPositive() {
			return all[i].String(), p.View.Shares
		}
	}
	return c.anybody(), sdkmath.OneInt()
}

func (c *crowd) claimShares(ctx sdk.Context, model string) sdk.Msg {
	who, _ := c.holder(ctx, model)
	return &sharetypes.MsgClaim{Holder: c.spelled(who), Model: model}
}

func (c *crowd) sendShares(ctx sdk.Context, model string) sdk.Msg {
	from, shares := c.holder(ctx, model)
	n := shares
	switch {
	case c.one(15):
		n = shares.AddRaw(1)
	case c.one(2) && shares.GT(sdkmath.OneInt()):
		n = sdkmath.NewInt(1 + c.Int64N(shares.Int64()))
	}
	to := c.anybody()
	if c.one(15) {
		to = authtypes.NewModuleAddress("gov").String()
	}
	return &banktypes.MsgSend{FromAddress: from, ToAddress: to, Amount: sdk.NewCoins(sdk.NewCoin(sharetypes.DenomPrefix+model, n))}
}
