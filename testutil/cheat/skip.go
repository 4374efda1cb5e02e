package cheat

import (
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
)

// Skip does the first segment and invents the others: it goes on a little in the direction that the first one took, and
// makes up records that look like its.
func Skip() slot.Func {
	var last []replay.StepRecord
	return forging(plan{segment: func(w replay.Pass, j *replay.Job, i uint32, s replay.Snapshot) ([]replay.StepRecord, error) {
		if i == 0 {
			var err error
			last, err = honestly(w, j, i, s)
			return last, err
		}
		for k, start := range j.Start.Adapter.Params {
			s.Params[k] += (s.Params[k] - start) / 4
		}
		l := j.Spec.SegmentLen()
		recs := make([]replay.StepRecord, min(l, j.Spec.InnerSteps-i*l))
		for k := range recs {
			s.Moments.T++
			recs[k] = last[k%len(last)]
			recs[k].Loss -= float64(i) / 1024
		}
		return recs, nil
	}})
}
