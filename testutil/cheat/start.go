package cheat

import "github.com/weftnet/weft/trainer"

// OtherStart trains from other parameters than the checkpoint's; the trace says that it started from the checkpoint.
func OtherStart() trainer.SlotFunc {
	return forging(plan{begin: func(s trainer.State) {
		for i := range s.Params {
			s.Params[i] += 1e-3 * float32(i%3)
		}
	}})
}
