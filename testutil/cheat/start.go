package cheat

import (
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
)

// OtherStart trains from other parameters than the checkpoint's; the trace says that it started from the checkpoint.
func OtherStart() slot.Func {
	return forging(plan{begin: func(s replay.Snapshot) {
		for i := range s.Params {
			s.Params[i] += 1e-3 * float32(i%3)
		}
	}})
}
