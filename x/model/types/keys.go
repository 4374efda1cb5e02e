package types

import "cosmossdk.io/collections"

const (
	// ModuleName names x/model and its module account, which holds all treasuries.
	ModuleName = "model"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Store prefixes.
var (
	ParamsKey         = collections.NewPrefix(0)
	ModelsPrefix      = collections.NewPrefix(1)
	CheckpointsPrefix = collections.NewPrefix(2)
	TreasuriesPrefix  = collections.NewPrefix(3)
	FundersPrefix     = collections.NewPrefix(4)
	ApprovalsPrefix   = collections.NewPrefix(5)
	TaintsPrefix      = collections.NewPrefix(6)
)

const (
	// MaxFunders bounds the funders of one treasury, and so the cost of a draw; the owner is always taken.
	MaxFunders = 256
	// MaxApprovals bounds the unused approvals of one model.
	MaxApprovals = 16
	// MaxLineage bounds one page of a lineage.
	MaxLineage = 200
)
