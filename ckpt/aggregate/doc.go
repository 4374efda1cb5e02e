// Package aggregate folds the deltas of a round into the next checkpoint by a written rule, in a written order, so that
// every attester gets the same digest whatever the order in which deltas arrived.
package aggregate
