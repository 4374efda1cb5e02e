// Package slot is one slot's work on one machine: it takes a job's steps, keeps their snapshots on disk within a budget,
// checks itself, and leaves a commitment and a body in the store. What a restart goes on from and what auditors are served is
// read from here. It knows the disk and the time that is left; no chain and no network.
package slot
