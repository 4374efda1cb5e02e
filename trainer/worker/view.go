package worker

import (
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/weftnet/weft/trainer/gossip"
)

// View is what the network may know of the chain, kept by whoever follows it, for all runs of the process. It implements
// gossip.View.
type View struct {
	mu      sync.RWMutex
	members map[peer.ID]string
	commits map[uint64]map[slotKey]gossip.Commitment // by run
}

type slotKey struct {
	round uint64
	slot  uint32
}

// NewView returns a view in which nobody is a member yet.
func NewView() *View {
	return &View{members: map[peer.ID]string{}, commits: map[uint64]map[slotKey]gossip.Commitment{}}
}

// Member implements gossip.View.
func (v *View) Member(p peer.ID) bool { _, ok := v.Account(p); return ok }

// Account implements gossip.View.
func (v *View) Account(p peer.ID) (string, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	a, ok := v.members[p]
	return a, ok
}

// Commitment implements gossip.View.
func (v *View) Commitment(run, round uint64, slot uint32) (gossip.Commitment, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	c, ok := v.commits[run][slotKey{round, slot}]
	return c, ok
}

// Update replaces what is known of the members and of one run.
func (v *View) Update(s *Sight) {
	members, commits := make(map[peer.ID]string, len(s.Members)), map[slotKey]gossip.Commitment{}
	for _, m := range s.Members {
		members[m.Peer] = string(m.Account)
	}
	for i := range s.State.Rounds {
		r := &s.State.Rounds[i]
		for _, p := range r.Parts {
			for _, w := range p.Slots {
				if w.Committed() {
					commits[slotKey{r.Round.Number, w.Index}] = gossip.Commitment{Trainer: string(p.Trainer), Body: w.Commit.Body, Size: w.Commit.Size}
				}
			}
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.members, v.commits[s.State.Run.ID] = members, commits
}
