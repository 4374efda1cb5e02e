package cheat

import (
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/slot"
)

// BadLeaves does the work and commits to a trace that the leaves in its body do not hash to: no audit could open it.
func BadLeaves() slot.Func {
	return forging(plan{trace: func(root digest.Digest) digest.Digest { return digest.Sum(root[:]) }})
}
