package share

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{Service: "weft.share.v1.Query", RpcCommandOptions: []*autocliv1.RpcCommandOptions{
			{RpcMethod: "Params", Use: "params",
				Short: "Show the accepted revenue denoms, the smallest deposits and the time over which they stream"},
			{RpcMethod: "Pool", Use: "pool MODEL", Short: "Show the revenue pool of a model", PositionalArgs: args("model")},
			{RpcMethod: "Pools", Use: "pools", Short: "List all revenue pools"},
			{RpcMethod: "Position", Use: "position HOLDER MODEL", Short: "Show a holder's shares of a model and what they have earned",
				PositionalArgs: args("holder", "model")},
			{RpcMethod: "Positions", Use: "positions HOLDER", Short: "List a holder's shares and what they have earned",
				PositionalArgs: args("holder")},
			{RpcMethod: "Claimable", Use: "claimable HOLDER MODEL", Short: "Show what a claim would pay now",
				PositionalArgs: args("holder", "model")},
		}},
		Tx: &autocliv1.ServiceCommandDescriptor{Service: "weft.share.v1.Msg", RpcCommandOptions: []*autocliv1.RpcCommandOptions{
			{RpcMethod: "Deposit", Use: "deposit MODEL AMOUNT", Short: "Let revenue stream to everybody who holds shares of a model",
				PositionalArgs: args("model", "amount")},
			{RpcMethod: "Claim", Use: "claim MODEL", Short: "Take everything that your shares of a model have earned",
				PositionalArgs: args("model")},
			{RpcMethod: "UpdateParams", Use: "update-params-proposal PARAMS", Short: "Propose new parameters of x/share (all of them)",
				PositionalArgs: args("params"), GovProposal: true},
		}},
	}
}

func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	out := make([]*autocliv1.PositionalArgDescriptor, len(fields))
	for i, f := range fields {
		out[i] = &autocliv1.PositionalArgDescriptor{ProtoField: f}
	}
	return out
}
