// Package replay is training as a function: from a job (a checkpoint, a slot's assigned data, a spec) and an engine's passes
// follow snapshots, the leaves of a trace and an encoded delta, bit for bit. Trainers take its steps, auditors and judges
// take them again, and `weft tune`, `weft audit` and `weft bench` use the same ones.
//
// It knows no network, no clock, no host and no chain: values in, values out.
package replay
