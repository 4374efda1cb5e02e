package types

import "cosmossdk.io/collections"

const (
	// ModuleName names x/round, its store and the account that holds escrows
	// pay that was not claimed, and deposits of disputes.
	ModuleName = "round"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Store prefixes.
var (
	ParamsKey       = collections.NewPrefix(0)
	RunsPrefix      = collections.NewPrefix(1)
	RoundsPrefix    = collections.NewPrefix(2)
	PartsPrefix     = collections.NewPrefix(3)
	VotesPrefix     = collections.NewPrefix(4)
	DeadlinesPrefix = collections.NewPrefix(5)
	OwedPrefix      = collections.NewPrefix(6)
	DisputesPrefix  = collections.NewPrefix(7)
)
