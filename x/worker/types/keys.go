package types

import "cosmossdk.io/collections"

const (
	// ModuleName names x/worker and its module account, which holds all bonds and slashes.
	ModuleName = "worker"
	// StoreKey is the key of the module's store.
	StoreKey = ModuleName
)

// Store prefixes.
var (
	WorkersPrefix    = collections.NewPrefix(0)
	PeersPrefix      = collections.NewPrefix(1)
	ValidatorsPrefix = collections.NewPrefix(2)
	BondsPrefix      = collections.NewPrefix(3)
	UnlocksPrefix    = collections.NewPrefix(4)
	PenaltiesPrefix  = collections.NewPrefix(5)
	ExecutionsPrefix = collections.NewPrefix(6)
	BurnedPrefix     = collections.NewPrefix(7)
)

const (
	// MaxAddrs and MaxAddrLen bound what a worker publishes.
	MaxAddrs   = 8
	MaxAddrLen = 128
	// MaxUnlocks bounds the bonds paid back in one block, and the slashes executed; the rest waits for the next.
	MaxUnlocks = 100
	// EnvelopeGas is the price of checking an envelope's signature.
	EnvelopeGas = 2000
)
