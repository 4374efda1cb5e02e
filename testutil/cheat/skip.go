package cheat

import (
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/llm"
)

// Skip does the first segment and invents the others: it goes on a little in the direction that the first one took, and
// makes up records that look like its.
func Skip() trainer.SlotFunc {
	var last []trainer.StepRecord
	return forging(plan{segment: func(w *llm.Work, j *trainer.Job, i uint32, s trainer.State) ([]trainer.StepRecord, error) {
		if i == 0 {
			var err error
			last, err = honestly(w, j, i, s)
			return last, err
		}
		for k, start := range j.Start.Adapter.Params {
			s.Params[k] += (s.Params[k] - start) / 4
		}
		l := j.Spec.SegmentLen()
		recs := make([]trainer.StepRecord, min(l, j.Spec.InnerSteps-i*l))
		for k := range recs {
			s.Moment.T++
			recs[k] = last[k%len(last)]
			recs[k].Loss -= float64(i) / 1024
		}
		return recs, nil
	}})
}
