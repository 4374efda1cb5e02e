package worker

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

// AutoCLIOptions describes the module's commands. What a node key must sign is made by weft, not typed.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{Service: "weft.worker.v1.Query", RpcCommandOptions: []*autocliv1.RpcCommandOptions{
			{RpcMethod: "Worker", Use: "worker ACCOUNT", Short: "Show a worker", PositionalArgs: args("address")},
			{RpcMethod: "Workers", Use: "workers", Short: "List all workers"},
			{RpcMethod: "WorkerByPeer", Use: "peer PEER-ID", Short: "Show the worker whose node has a peer id", PositionalArgs: args("peer_id")},
			{RpcMethod: "WorkerByValidator", Use: "validator OPERATOR", Short: "Show the attester of a validator",
				PositionalArgs: args("validator")},
			{RpcMethod: "Penalties", Use: "penalties", Short: "List the slashes that are not executed yet"},
			{RpcMethod: "Burned", Use: "burned", Short: "Show what executed slashes have burnt"},
			{RpcMethod: "Bonds", Use: "bonds ACCOUNT", Short: "List a worker's bonds", PositionalArgs: args("address")},
		}},
		Tx: &autocliv1.ServiceCommandDescriptor{Service: "weft.worker.v1.Msg", RpcCommandOptions: []*autocliv1.RpcCommandOptions{
			{RpcMethod: "Register", Use: "register ENVELOPE", Short: "Become a worker", PositionalArgs: args("envelope")},
			{RpcMethod: "UpdateAddrs", Use: "update-addrs ENVELOPE", Short: "Change where your node can be dialled",
				PositionalArgs: args("envelope")},
			{RpcMethod: "RotateKey", Use: "rotate-key ENVELOPE", Short: "Change your node's key", PositionalArgs: args("envelope")},
			{RpcMethod: "LinkValidator", Use: "link-validator ACCOUNT", Short: "Make a worker the attester of your validator",
				PositionalArgs: args("worker")},
			{RpcMethod: "Unlink", Use: "unlink ACCOUNT", Short: "End the link between a worker and a validator", PositionalArgs: args("worker")},
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
