// Package network runs a chain of one or more validators inside this process, on loopback only. Tests and weft demo use it.
//
// Everything a node has is in its home folder or, for a network in memory, in this process: Stop and Start bring the same chain back.
package network
