package model

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{Service: "weft.model.v1.Query", RpcCommandOptions: []*autocliv1.RpcCommandOptions{
			{RpcMethod: "Params", Use: "params", Short: "Show the smallest funding and its coin"},
			{RpcMethod: "Model", Use: "model NAME", Short: "Show a model", PositionalArgs: args("name")},
			{RpcMethod: "Models", Use: "models", Short: "List all models"},
			{RpcMethod: "Checkpoint", Use: "checkpoint DIGEST", Short: "Show a checkpoint", PositionalArgs: args("digest")},
			{RpcMethod: "Lineage", Use: "lineage MODEL", Short: "Walk from the head of a model to its initial adapter",
				PositionalArgs: args("model")},
			{RpcMethod: "Taints", Use: "taints MODEL", Short: "List the forged work in a model's lineage", PositionalArgs: args("model")},
			{RpcMethod: "Treasury", Use: "treasury MODEL", Short: "Show a model's money and its funders", PositionalArgs: args("model")},
			{RpcMethod: "Approval", Use: "approval MODEL DIGEST", Short: "Tell whether the owner approved the run spec with this digest",
				PositionalArgs: args("model", "spec")},
		}},
		Tx: &autocliv1.ServiceCommandDescriptor{Service: "weft.model.v1.Msg", RpcCommandOptions: []*autocliv1.RpcCommandOptions{
			{RpcMethod: "CreateModel", Use: "create NAME", Short: "Register a model", PositionalArgs: args("name")},
			{RpcMethod: "TransferModel", Use: "transfer MODEL NEW-OWNER", Short: "Give a model to another owner",
				PositionalArgs: args("model", "new_owner")},
			{RpcMethod: "UpdateMetadata", Use: "describe MODEL URI", Short: "Change where a model is described",
				PositionalArgs: args("model", "metadata_uri")},
			{RpcMethod: "ApproveRun", Use: "approve-run MODEL DIGEST", Short: "Let one run whose spec has this digest spend the treasury",
				PositionalArgs: args("model", "spec")},
			{RpcMethod: "Fund", Use: "fund MODEL AMOUNT", Short: "Pay into a model's treasury", PositionalArgs: args("model", "amount")},
			{RpcMethod: "UpdateParams", Use: "update-params-proposal PARAMS", Short: "Propose new parameters of x/model (all of them)",
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
