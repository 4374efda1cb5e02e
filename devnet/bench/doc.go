// Package bench measures how fast this machine trains and generates: what `weft bench` prints. Training goes through
// replay.Pass, so that another engine is measured by the same code.
package bench
