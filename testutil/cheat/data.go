package cheat

import (
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/llm"
)

// OtherData trains on records that were not assigned: those that come after the round's.
func OtherData() trainer.SlotFunc {
	return forging(plan{segment: func(w *llm.Work, j *trainer.Job, i uint32, s trainer.State) ([]trainer.StepRecord, error) {
		other := *j
		other.Deal.Cursor = j.Deal.End()
		return honestly(w, &other, i, s)
	}})
}
