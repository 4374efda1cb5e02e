// Package demo plays one whole run on this machine: a chain with its validators, attesters and trainers in this process, a
// vote, rounds, evaluations, pay, revenue and claims; at the end the adapter and the lineage lie in a folder. It shows what the
// packages do together and adds no rule of its own.
package demo
