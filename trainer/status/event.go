package status

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// Event is something that happened. Its exported fields, under their JSON names, are what machines read (docs/json.md).
type Event interface {
	// Kind is the event's name in JSON.
	Kind() string
	// Text is the event for people; empty: it is shown to machines only.
	Text() string
}

// Line is an event as one JSON object whose first member, "event", is its kind.
func Line(e Event) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	head, err := json.Marshal(e.Kind())
	if err != nil {
		return nil, err
	}
	line := append([]byte(`{"event":`), head...)
	if string(body) == "{}" {
		return append(line, '}'), nil
	}
	return append(append(line, ','), body[1:]...), nil
}

// At says which worker did something, and where.
type At struct {
	Worker protocol.Account `json:"worker"`
	Run    uint64           `json:"run"`
	Round  uint64           `json:"round,omitempty"` // absent: it belongs to no round
	Slot   *uint32          `json:"slot,omitempty"`  // absent: it belongs to no slot
}

// Place is the event's place; events that embed At have it.
func (a *At) Place() *At { return a }

// where begins the text of an event of a round.
func (a *At) where(what string) string {
	s := fmt.Sprintf("run %-3d", a.Run)
	if a.Round > 0 {
		s += fmt.Sprintf(" round %-3d", a.Round)
	}
	if a.Slot != nil {
		s += fmt.Sprintf(" slot %-2d", *a.Slot)
	}
	return s + " " + what
}

// Placed is an event of a worker.
type Placed interface {
	Event
	Place() *At
}

// Events of workers.
type (
	// Enrolled: the trainer's slots are offered.
	Enrolled struct {
		At
		Slots uint32 `json:"slots"`
	}
	// Ready: the attester holds and serves what the run needs.
	Ready struct{ At }
	// Phase: the round under way entered a phase, or none is under way.
	Phase struct {
		At
		Phase    string     `json:"phase"`
		Deadline *time.Time `json:"deadline,omitempty"`
	}
	// Step: an inner step is done.
	Step struct {
		At
		Step  uint32  `json:"step"`  // from 1
		Steps uint32  `json:"steps"` // of the round
		Loss  float64 `json:"loss"`  // nats per answer token, or the expression's mean
	}
	// Committed: the slot's work is on chain.
	Committed struct {
		At
		Steps uint32 `json:"steps"`
		Bytes int    `json:"bytes"` // of the delta
	}
	// Published: the slot's delta was sent to attesters.
	Published struct {
		At
		Bytes int `json:"bytes"`
	}
	// Witnessed: the attester said which deltas it holds.
	Witnessed struct {
		At
		Complete int `json:"complete"`
		Invalid  int `json:"invalid"`
		Missing  int `json:"missing"`
	}
	// Malformed: a committed delta is not what its commitment promised.
	Malformed struct {
		At
		Trainer protocol.Account `json:"trainer"`
		Error   string           `json:"error"`
	}
	// Voted: the attester voted blindly on the checkpoint.
	Voted struct {
		At
		Checkpoint digest.Digest `json:"checkpoint"`
	}
	// Revealed: the attester opened the votes.
	Revealed struct {
		At
		Checkpoint digest.Digest `json:"checkpoint"`
	}
	// Audited: the attester recomputed a segment.
	Audited struct {
		At
		Trainer protocol.Account `json:"trainer"`
		Segment uint32           `json:"segment"`
		OK      bool             `json:"ok"`
	}
	// Evaluated: the attester voted blindly on the checkpoint's evaluation.
	Evaluated struct {
		At
		MicroNats uint64 `json:"micro_nats"` // per answer token
		Tokens    uint64 `json:"tokens"`
	}
	// Reported: the attester opened the votes on the evaluation.
	Reported struct {
		At
		MicroNats uint64 `json:"micro_nats"`
		Tokens    uint64 `json:"tokens"`
	}
	// Judged: the attester recomputed a disputed slot and voted blindly.
	Judged struct {
		At
		Trainer  protocol.Account `json:"trainer"`
		Segment  uint32           `json:"segment"`  // the first that differs; Segments: none does
		Segments uint32           `json:"segments"` // of the slot's work
	}
	// Concluded: the attester opened the votes of a dispute.
	Concluded struct{ At }
	// Disputed: the trainer disputes its own slot because an auditor did not do the work that it was paid for.
	Disputed struct {
		At
		Auditor protocol.Account `json:"auditor"`
	}
	// Staying: the run has ended, and the attester stays for disputes.
	Staying struct {
		At
		Until time.Time `json:"until"`
	}
	// Waiting: nothing goes on before something happens that is not this worker's to do.
	Waiting struct {
		At
		For string `json:"for"`           // what is missing
		Fix string `json:"fix,omitempty"` // the step that ends the wait
	}
	// Resumed: what was waited for has come.
	Resumed struct{ At }
	// Problem: something failed; it is tried again, or the worker goes on without it.
	Problem struct {
		At
		Error string `json:"error"`
		Fix   string `json:"fix,omitempty"`
	}
)

// The kinds.
func (Enrolled) Kind() string  { return "enrolled" }
func (Ready) Kind() string     { return "ready" }
func (Phase) Kind() string     { return "phase" }
func (Step) Kind() string      { return "step" }
func (Committed) Kind() string { return "committed" }
func (Published) Kind() string { return "published" }
func (Witnessed) Kind() string { return "witnessed" }
func (Malformed) Kind() string { return "malformed" }
func (Voted) Kind() string     { return "voted" }
func (Revealed) Kind() string  { return "revealed" }
func (Audited) Kind() string   { return "audited" }
func (Evaluated) Kind() string { return "evaluated" }
func (Reported) Kind() string  { return "reported" }
func (Judged) Kind() string    { return "judged" }
func (Concluded) Kind() string { return "concluded" }
func (Disputed) Kind() string  { return "disputed" }
func (Staying) Kind() string   { return "staying" }
func (Waiting) Kind() string   { return "waiting" }
func (Resumed) Kind() string   { return "resumed" }
func (Problem) Kind() string   { return "problem" }
