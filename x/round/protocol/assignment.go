package protocol

// Assignment deals a round's records. The order of a run's data is fixed (its
// permutation, epoch by epoch); a round takes the next ones from the cursor
// and deals them slot by slot, step by step, so that each sequence of each
// step of each slot has one index, which everybody can compute.
type Assignment struct {
	Cursor uint64 // index of the first record dealt
	Slots  uint32
	Steps  uint32 // steps of one slot (H)
	Batch  uint32 // sequences of one step
}

// Index is the place in the run's data order of sequence `sequence` of step
// `step` of slot `slot`, all from 0: it counts on over epochs.
func (a Assignment) Index(slot, step, sequence uint32) uint64 {
	return a.Cursor + (uint64(slot)*uint64(a.Steps)+uint64(step))*uint64(a.Batch) + uint64(sequence)
}

// Records is the number of sequences dealt in the round.
func (a Assignment) Records() uint64 {
	return uint64(a.Slots) * uint64(a.Steps) * uint64(a.Batch)
}

// End is the cursor of the round that follows a FINAL one.
func (a Assignment) End() uint64 { return a.Cursor + a.Records() }
