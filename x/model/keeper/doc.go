// Package keeper stores models, checkpoints, treasuries and approvals.
package keeper
