package worker

import (
	"context"
	"errors"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"github.com/weftnet/weft/x/round/protocol"
)

// Chain is a worker's window on the chain. Package trainer/chain implements it over a node; tests over the rules alone.
type Chain interface {
	// Sight reads a run, with its live rounds, their parts and votes, and the members, as of the newest block.
	Sight(ctx context.Context, run uint64) (*Sight, error)
	// Round reads one round, live or over.
	Round(ctx context.Context, run, number uint64) (*protocol.RoundState, error)
	// Submit sends events of this worker's account in one transaction and waits until it is in a block. A refusal by the
	// rules is an error that is one of protocol's; one for want of coins is an *ErrFunds.
	Submit(ctx context.Context, run uint64, events ...protocol.Event) error
	// Next waits for a block higher than the given one.
	Next(ctx context.Context, height int64) error
}

// Sight is one reading of the chain.
type Sight struct {
	Height  int64
	Now     time.Time // of the block at Height
	State   *protocol.State
	Members []Member
}

// Member is a registered worker.
type Member struct {
	Account  protocol.Account
	Peer     peer.ID
	Addrs    []multiaddr.Multiaddr
	Attester bool
}

// Peer is the node of an account; empty when it has none.
func (s *Sight) Peer(account protocol.Account) peer.ID {
	for i := range s.Members {
		if s.Members[i].Account == account {
			return s.Members[i].Peer
		}
	}
	return ""
}

// ErrNoRun is returned by Sight for a run that does not exist.
var ErrNoRun = errors.New("there is no such run")

// ErrFunds is returned by Submit when the account cannot pay for what it sends.
type ErrFunds struct {
	Account string
	Err     error
}

func (e *ErrFunds) Error() string { return e.Account + " has too few coins: " + e.Err.Error() }

// Unwrap is the chain's refusal.
func (e *ErrFunds) Unwrap() error { return e.Err }
