// Package mirror serves what is public of a run to everybody, and reads it: blobs by their digests, and the snapshots that
// trainers committed to. Workers talk to each other through package gossip; this is for whoever is none, such as an
// auditor from outside. What comes is checked against digests on chain by whoever asks, so a mirror need not be trusted.
package mirror
