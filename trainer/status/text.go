package status

import (
	"fmt"
	"strconv"
	"time"
)

// Text implements Event, as do all below.
func (e *Enrolled) Text() string { return e.where(fmt.Sprintf("enrolled with %d slot(s)", e.Slots)) }

func (e *Ready) Text() string { return e.where("ready to attest") }

func (e *Phase) Text() string {
	s := e.Phase
	if e.Deadline != nil {
		s += ", until " + e.Deadline.Local().Format(time.TimeOnly) + " at the latest"
	}
	return e.where(s)
}

func (e *Step) Text() string {
	return e.where(fmt.Sprintf("step %d of %d  loss %.4f", e.Step, e.Steps, e.Loss))
}

func (e *Committed) Text() string {
	return e.where(fmt.Sprintf("committed %d steps, a delta of %s", e.Steps, Bytes(int64(e.Bytes))))
}

func (e *Published) Text() string { return e.where("sent the delta of " + Bytes(int64(e.Bytes))) }

func (e *Witnessed) Text() string {
	return e.where(fmt.Sprintf("witnessed %d deltas, %d invalid, %d missing", e.Complete, e.Invalid, e.Missing))
}

func (e *Malformed) Text() string {
	return e.where("the delta of " + string(e.Trainer) + " is invalid: " + e.Error)
}

func (e *Voted) Text() string { return e.where("voted for checkpoint " + e.Checkpoint.Short()) }

func (e *Revealed) Text() string {
	return e.where("opened the votes: checkpoint " + e.Checkpoint.String())
}

func (e *Audited) Text() string {
	if e.OK {
		return e.where(fmt.Sprintf("segment %d of %s gives the committed leaf", e.Segment, e.Trainer))
	}
	return e.where(fmt.Sprintf("segment %d of %s is NOT what was committed: dispute", e.Segment, e.Trainer))
}

func (e *Evaluated) Text() string { return e.where("evaluated at " + Nats(e.MicroNats)) }

func (e *Reported) Text() string { return e.where("reported the evaluation of " + Nats(e.MicroNats)) }

func (e *Judged) Text() string {
	if e.Segment == e.Segments {
		return e.where("judged: the work of " + string(e.Trainer) + " is what was committed")
	}
	return e.where(fmt.Sprintf("judged: the work of %s differs from segment %d on", e.Trainer, e.Segment))
}

func (e *Concluded) Text() string { return e.where("opened the votes of the dispute") }

func (e *Disputed) Text() string {
	return e.where("disputed: " + string(e.Auditor) + " said OK without having computed the snapshot")
}

func (e *Staying) Text() string {
	return e.where("the run has ended; disputes may need judges until " + e.Until.UTC().Format(time.RFC3339))
}

func (e *Waiting) Text() string {
	s := "waiting: " + e.For
	if e.Fix != "" {
		s += "; to do: " + e.Fix
	}
	return e.where(s)
}

func (e *Resumed) Text() string { return e.where("goes on") }

func (e *Problem) Text() string {
	s := "problem: " + e.Error
	if e.Fix != "" {
		s += "; to do: " + e.Fix
	}
	return e.where(s)
}

// Bytes shows an amount of bytes.
func Bytes(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.2f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.2f GiB", float64(n)/(1<<30))
}

// Nats shows an evaluation.
func Nats(micro uint64) string { return fmt.Sprintf("%.4f nats per answer token", float64(micro)/1e6) }

// WEFT shows an amount of uweft in whole coins.
func WEFT(u uint64) string { return fmt.Sprintf("%d.%06d WEFT", u/1_000_000, u%1_000_000) }

// Amount is an amount of uweft: in JSON a text of base units, since it may exceed what a JSON number holds exactly.
type Amount uint64

// MarshalText writes base units.
func (a Amount) MarshalText() ([]byte, error) { return strconv.AppendUint(nil, uint64(a), 10), nil }

// String shows whole coins.
func (a Amount) String() string { return WEFT(uint64(a)) }
