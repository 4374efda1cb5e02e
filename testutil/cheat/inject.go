package cheat

import (
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
)

// Inject puts a foreign state in place of the end of segment at, from 0, and is honest before and after: the least that a
// backdoor needs.
func Inject(at uint32) slot.Func {
	return Forging(at, func(s replay.Snapshot) { s.Params[3] += 1e-3 }, nil)
}
