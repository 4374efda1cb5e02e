// Package status says what a worker does and waits for: events with fields for machines and a text for people, and a reducer
// that makes one Status of them. Plain output, JSON lines, the file that `weft status` reads and later screens show the same
// values. It imports the values of the rules and nothing that computes or talks.
package status
