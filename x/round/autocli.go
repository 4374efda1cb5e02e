package round

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{Service: "weft.round.v1.Query", RpcCommandOptions: queryCommands()},
		Tx:    &autocliv1.ServiceCommandDescriptor{Service: "weft.round.v1.Msg", RpcCommandOptions: append(govCommands(), workCommands()...)},
	}
}

func queryCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{RpcMethod: "Params", Use: "params", Short: "Show the parameters"},
		{RpcMethod: "Run", Use: "run RUN", Short: "Show a run and its round under way", PositionalArgs: args("run")},
		{RpcMethod: "Runs", Use: "runs", Short: "List all runs"},
		{RpcMethod: "SpecDigest", Use: "spec-digest SPEC", Short: "Show the digest of a spec and every problem it has",
			PositionalArgs: args("spec")},
		{RpcMethod: "Round", Use: "round RUN ROUND", Short: "Show a round", PositionalArgs: args("run", "round")},
		{RpcMethod: "Rounds", Use: "rounds RUN", Short: "List the rounds of a run", PositionalArgs: args("run")},
		{RpcMethod: "Part", Use: "part RUN ROUND TRAINER", Short: "Show what a trainer did in a round and what became of it",
			PositionalArgs: args("run", "round", "trainer")},
		{RpcMethod: "Parts", Use: "parts RUN ROUND", Short: "List the trainers of a round", PositionalArgs: args("run", "round")},
		{RpcMethod: "Votes", Use: "votes RUN ROUND", Short: "List the votes of a round", PositionalArgs: args("run", "round")},
		{RpcMethod: "Disputes", Use: "disputes RUN ROUND", Short: "List the disputes of a round", PositionalArgs: args("run", "round")},
		{RpcMethod: "Owed", Use: "owed ACCOUNT", Short: "Show what an account may claim", PositionalArgs: args("account")},
	}
}

func govCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{RpcMethod: "OpenRun", Use: "open-run-proposal SPEC", Short: "Propose a run", PositionalArgs: args("spec"), GovProposal: true},
		{RpcMethod: "PauseRun", Use: "pause-run-proposal RUN", Short: "Propose that no new round begins", PositionalArgs: args("run"),
			GovProposal: true},
		{RpcMethod: "ResumeRun", Use: "resume-run-proposal RUN", Short: "Propose that rounds begin again", PositionalArgs: args("run"),
			GovProposal: true},
		{RpcMethod: "CancelRun", Use: "cancel-run-proposal RUN", Short: "Propose to end a run after the rounds under way",
			PositionalArgs: args("run"), GovProposal: true},
		{RpcMethod: "Pardon", Use: "pardon-proposal RUN ROUND ACCOUNT", Short: "Propose to take back a slash that is not executed yet",
			PositionalArgs: args("run", "round", "account"), GovProposal: true},
		{RpcMethod: "UpdateParams", Use: "update-params-proposal PARAMS", Short: "Propose new parameters of x/round (all of them)",
			PositionalArgs: args("params"), GovProposal: true},
	}
}

func workCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{RpcMethod: "Enrol", Use: "enrol RUN SLOTS", Short: "Train in a run", PositionalArgs: args("run", "slots")},
		{RpcMethod: "Leave", Use: "leave RUN", Short: "Take no more part in a run", PositionalArgs: args("run")},
		{RpcMethod: "Commit", Use: "commit RUN ROUND SLOT COMMIT", Short: "Commit to the work of a slot",
			PositionalArgs: args("run", "round", "slot", "commit")},
		{RpcMethod: "Ready", Use: "ready RUN", Short: "Attest in a run", PositionalArgs: args("run")},
		{RpcMethod: "Witness", Use: "witness RUN ROUND", Short: "Say which bodies of a round you hold (--ok) and which are invalid (--bad)",
			PositionalArgs: args("run", "round")},
		{RpcMethod: "Attest", Use: "attest RUN ROUND BLIND", Short: "Vote on the checkpoint of a round",
			PositionalArgs: args("run", "round", "blind")},
		{RpcMethod: "Reveal", Use: "reveal RUN ROUND OUTCOME", Short: "Open the votes on the checkpoint",
			PositionalArgs: args("run", "round", "outcome")},
		{RpcMethod: "Review", Use: "review RUN ROUND BLIND", Short: "Vote on the evaluation of a round; verdicts with --findings",
			PositionalArgs: args("run", "round", "blind")},
		{RpcMethod: "Report", Use: "report RUN ROUND MICRO-NATS TOKENS", Short: "Open the votes on the evaluation",
			PositionalArgs: args("run", "round", "micro_nats", "tokens")},
		{RpcMethod: "Dispute", Use: "dispute RUN ROUND TRAINER SLOT", Short: "Accuse a trainer of not having done a slot's work, with a deposit",
			PositionalArgs: args("run", "round", "trainer", "slot")},
		{RpcMethod: "Judge", Use: "judge RUN ROUND SLOT BLIND", Short: "Vote in a dispute",
			PositionalArgs: args("run", "round", "slot", "blind")},
		{RpcMethod: "Conclude", Use: "conclude RUN ROUND SLOT RULING", Short: "Open the votes of a dispute",
			PositionalArgs: args("run", "round", "slot", "ruling")},
		{RpcMethod: "ClaimPay", Use: "claim-pay", Short: "Take everything that rounds credited to you"},
	}
}

func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	out := make([]*autocliv1.PositionalArgDescriptor, len(fields))
	for i, f := range fields {
		out[i] = &autocliv1.PositionalArgDescriptor{ProtoField: f}
	}
	return out
}
