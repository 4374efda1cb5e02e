package replay

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/weftnet/weft/trainer/lora"
)

// Difference is the first place in which two snapshots, or the records of the steps before them, differ.
type Difference struct {
	Where    string // a tensor's name, of the parameters or a moment, or a record of a step
	Element  int    // of the tensor, row by row; the step within the segment for a record
	Got      uint64 // bits as the trainer has them
	Want     uint64 // bits as recomputed
	Bits     int    // how wide they are: 32 or 64
	GotText  string
	WantText string
}

func (d *Difference) String() string {
	return fmt.Sprintf("%s element %d: 0x%0*x (%s), recomputed 0x%0*x (%s)", d.Where, d.Element, d.Bits/4, d.Got, d.GotText, d.Bits/4, d.Want, d.WantText)
}

// FirstDifference compares a trainer's snapshot with a recomputed one in the order in which a leaf binds them: parameters,
// first and second moments, tensor by tensor; then the step records and the encoded delta. Nil: they are equal.
func FirstDifference(ad *lora.Adapter, got *Served, want *Segment) *Difference {
	for _, part := range []struct {
		name      string
		got, want []float32
	}{{"", got.Snapshot.Params, want.End.Params}, {"first moment of ", got.Snapshot.Moments.M, want.End.Moments.M}, {"second moment of ", got.Snapshot.Moments.V, want.End.Moments.V}} {
		for _, name := range ad.Names() {
			lo, hi, _ := ad.Range(name)
			for i := lo; i < hi; i++ {
				if a, b := math.Float32bits(part.got[i]), math.Float32bits(part.want[i]); a != b {
					return &Difference{part.name + name, i - lo, uint64(a), uint64(b), 32, fmt.Sprint(part.got[i]), fmt.Sprint(part.want[i])}
				}
			}
		}
	}
	for i := range min(len(got.Records), len(want.Records)) {
		a, b := got.Records[i], want.Records[i]
		if math.Float64bits(a.Loss) != math.Float64bits(b.Loss) {
			return &Difference{"loss of step", i, math.Float64bits(a.Loss), math.Float64bits(b.Loss), 64, fmt.Sprint(a.Loss), fmt.Sprint(b.Loss)}
		}
		if math.Float64bits(a.Norm) != math.Float64bits(b.Norm) {
			return &Difference{"gradient norm of step", i, math.Float64bits(a.Norm), math.Float64bits(b.Norm), 64, fmt.Sprint(a.Norm), fmt.Sprint(b.Norm)}
		}
		if a.Noop != b.Noop {
			return &Difference{"no-op flag of step", i, bit(a.Noop), bit(b.Noop), 32, fmt.Sprint(a.Noop), fmt.Sprint(b.Noop)}
		}
	}
	if got.Payload != want.Payload {
		a, b := binary.BigEndian.Uint64(got.Payload[:]), binary.BigEndian.Uint64(want.Payload[:])
		return &Difference{"sha256 of the encoded delta, first 8 bytes,", 0, a, b, 64, got.Payload.Short(), want.Payload.Short()}
	}
	return nil
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
