package status

import (
	"time"

	"github.com/weftnet/weft/x/round/protocol"
)

// Status is where a worker stands in one run: what its events add up to.
type Status struct {
	Worker   protocol.Account `json:"worker"`
	Run      uint64           `json:"run"`
	Role     string           `json:"role"` // trainer or attester
	Round    uint64           `json:"round,omitempty"`
	Phase    string           `json:"phase,omitempty"`
	Deadline *time.Time       `json:"deadline,omitempty"` // of the phase
	Slots    uint32           `json:"slots,omitempty"`    // enrolled
	Slot     *uint32          `json:"slot,omitempty"`     // in training
	Step     uint32           `json:"step,omitempty"`
	Steps    uint32           `json:"steps,omitempty"`
	Loss     float64          `json:"loss,omitempty"`
	Waiting  *Cause           `json:"waiting,omitempty"` // nothing goes on before this
	Problem  *Cause           `json:"problem,omitempty"` // the newest one
	Last     string           `json:"last,omitempty"`    // the newest event, as a text
	Updated  time.Time        `json:"updated"`
}

// Cause is what keeps a worker from going on, or went wrong, and what to do about it.
type Cause struct {
	What  string    `json:"what"`
	Fix   string    `json:"fix,omitempty"`
	Since time.Time `json:"since"`
}

// Apply adds an event that came at the given time.
func (s *Status) Apply(at time.Time, e Placed) {
	p := e.Place()
	s.Worker, s.Run, s.Updated = p.Worker, p.Run, at
	if p.Round > 0 {
		s.Round = p.Round
	}
	switch e := e.(type) {
	case *Enrolled:
		s.Slots = e.Slots
	case *Phase:
		s.Phase, s.Deadline = e.Phase, e.Deadline
		s.Round, s.Slot, s.Step, s.Steps, s.Loss = p.Round, nil, 0, 0, 0
	case *Step:
		s.Slot, s.Step, s.Steps, s.Loss = p.Slot, e.Step, e.Steps, e.Loss
	case *Waiting:
		if s.Waiting == nil || s.Waiting.What != e.For {
			s.Waiting = &Cause{e.For, e.Fix, at}
		}
	case *Resumed:
		s.Waiting = nil
	case *Problem:
		s.Problem = &Cause{e.Error, e.Fix, at}
	}
	s.Last = e.Text()
}
