// Package checkpoint holds what a round starts from and leaves behind: an adapter with the outer optimizer's momentum, read
// and written as a manifest pins them, and the rule by which the deltas of a round are folded into the next one. The rule is
// written, in a written order, so that every attester gets the same digest whatever the order in which deltas arrived.
//
// It imports the formats (ckpt), the adapter (lora) and values of the round (x/round/protocol); no engine and no network.
package checkpoint
