// Package optim holds the inner optimizer: AdamW with a global-norm clip and a schedule, on the host, in a written
// order (docs/numerics.md, "Host operations"). Steps are elementwise, so threads change no bit.
package optim
