package cheat

import (
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/llm"
)

// Inject puts a foreign state in place of the end of segment at, from 0, and is honest before and after: the least that a
// backdoor needs.
func Inject(at uint32) trainer.SlotFunc {
	return forging(plan{segment: func(w *llm.Work, j *trainer.Job, i uint32, s trainer.State) ([]trainer.StepRecord, error) {
		recs, err := honestly(w, j, i, s)
		if err == nil && i == at {
			s.Params[3] += 1e-3
		}
		return recs, err
	}})
}
