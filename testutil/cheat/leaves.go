package cheat

import (
	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer"
)

// BadLeaves does the work and commits to a trace that the leaves in its body do not hash to: no audit could open it.
func BadLeaves() trainer.SlotFunc {
	return forging(plan{trace: func(root ckpt.Digest) ckpt.Digest { return ckpt.Sum(root[:]) }})
}
