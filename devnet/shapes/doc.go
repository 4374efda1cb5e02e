// Package shapes gives the shapes of well-known bases, and random weights for them, so that speed and memory can be
// measured without fetching anything.
package shapes
