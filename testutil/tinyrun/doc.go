// Package tinyrun is the tiny base with its data and a spec of small rounds over them, for tests of training, replay and
// workers: whole slots, interrupted ones, and forged ones.
package tinyrun
