package cheat

import (
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
)

// OtherData trains on records that were not assigned: those that come after the round's.
func OtherData() slot.Func {
	return forging(plan{segment: func(w replay.Pass, j *replay.Job, i uint32, s replay.Snapshot) ([]replay.StepRecord, error) {
		other := *j
		other.Deal.Cursor = j.Deal.End()
		return honestly(w, &other, i, s)
	}})
}
