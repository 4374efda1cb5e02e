package runspec

import (
	"time"

	"github.com/weftnet/weft/x/round/protocol"
)

// Default is a small run on one machine, the settings that nobody chose otherwise: phases are long enough that only
// what really is absent is late, and close early when everything is in.
func Default() protocol.RunSpec {
	const (
		nano = protocol.Nano
		long = 2 * time.Hour
	)
	return protocol.RunSpec{
		EvalEvery: 1, SeqLen: 256, InnerSteps: 10, Batch: 4,
		Inner: protocol.AdamW{LR: nano / 1000, Beta1: nano / 10 * 9, Beta2: nano / 1000 * 999, Eps: 10, Clip: nano, WarmupSteps: 5,
			Schedule: protocol.ScheduleConstant},
		Outer: protocol.Outer{LR: nano / 10 * 7, Momentum: nano / 2,
			Nesterov: true}, Loss: "sft", Numerics: protocol.NumericsBF16, Codec: protocol.CodecQ4,
		TrainTime: long, PublishTime: long, AttestTime: long, ReviewTime: long, Grace: long / 2, MaxWait: long,
		MinTrainers: 1, MaxTrainers: 64, MaxSlots: 4, MinSteps: 1, Audits: 1, MinAttesters: 1, MaxMisses: 3, MaxUnsettled: 2,
		BondPerSlot: 80_000_000, Rounds: 3, Budget: 30_000_000, RewardPerRound: 10_000_000, SharesPerRound: 10_000,
		Split: protocol.Split{Trainers: 8000, Attesters: 1500, Owner: 500},
	}
}
