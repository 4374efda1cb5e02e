// Package delta encodes what a trainer changed in one round. A delta file is a header (steps done, the leaves of the
// trainer's trace) and a payload, the compressed change of every trained parameter. Codecs are stateless: the payload
// is a function of the change alone, so anybody can recompute it.
package delta
