package network

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"
)

// Network is a set of validators in this process.
type Network struct {
	// Nodes are the validators, in the order of Options.Power.
	Nodes []*Node

	opts    Options
	doc     *cmttypes.GenesisDoc
	scratch string // temporary folder of a network in memory
	sending sync.Map
}

// Start makes a network and starts it. Close must be called in the end.
func Start(o Options) (*Network, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	n := &Network{opts: o}
	root := o.Dir
	if root == "" {
		if n.scratch, err = os.MkdirTemp("", "weft-network-"); err != nil {
			return nil, err
		}
		root = n.scratch
	}
	for i := range o.Validators {
		nd, err := newNode(i, o, root)
		if err != nil {
			return nil, errors.Join(err, n.Close())
		}
		n.Nodes = append(n.Nodes, nd)
	}
	if err := n.Start(); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// ChainID returns the chain's id.
func (n *Network) ChainID() string { return n.opts.ChainID }

// Start brings a stopped network back.
func (n *Network) Start() error {
	last := int64(0)
	for _, nd := range n.Nodes {
		if err := nd.load(n.opts); err != nil {
			return err
		}
		last = max(last, nd.App.LastBlockHeight())
	}
	if err := n.loadGenesis(); err != nil {
		return err
	}
	// Every node dials those before it: two nodes that dial each other at once close each other's connections.
	var peers []string
	for _, nd := range n.Nodes {
		nd.cfg.P2P.PersistentPeers = strings.Join(peers, ",")
		peers = append(peers, nd.peer())
		if err := nd.start(n.opts, n.doc); err != nil {
			return err
		}
		n.register(nd)
	}
	// Before its first block the application answers no queries; before the first one after a restart it checks transactions as if the
	// chain were at height 0, where signatures are made for account number 0.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := n.WaitHeight(ctx, last+1); err != nil {
		return err
	}
	for _, nd := range n.Nodes {
		for nd.comet.ConsensusReactor().WaitSync() { // it refuses transactions while it catches up
			if err := pause(ctx, 2*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

// loadGenesis finds the genesis of a network that is on disk, or makes it.
func (n *Network) loadGenesis() (err error) {
	if n.doc != nil {
		return nil
	}
	file := n.Nodes[0].cfg.GenesisFile()
	if _, statErr := os.Stat(file); statErr == nil {
		n.doc, err = cmttypes.GenesisDocFromFile(file)
		return err
	}
	if n.doc, err = n.genesis(n.Nodes[0].App); err != nil {
		return err
	}
	for _, nd := range n.Nodes {
		if err := n.doc.SaveAs(filepath.Clean(nd.cfg.GenesisFile())); err != nil {
			return err
		}
	}
	return nil
}

// Stop stops every node; Start continues.
func (n *Network) Stop() error {
	errs := make([]error, len(n.Nodes))
	var wg sync.WaitGroup
	for i, nd := range n.Nodes {
		wg.Go(func() { errs[i] = nd.stop() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Close stops every node and removes what a network in memory wrote.
func (n *Network) Close() error {
	err := n.Stop()
	if n.scratch != "" {
		err = errors.Join(err, os.RemoveAll(n.scratch))
	}
	return err
}

// Height is the height of the newest block that node i has executed: its queries answer from the state after it. It is -1 when the
// application does not say.
func (n *Network) Height(i int) int64 {
	info, err := n.Nodes[i].RPC.ABCIInfo(context.Background())
	if err != nil {
		return -1
	}
	return info.Response.LastBlockHeight
}

// WaitHeight waits until every node has executed the block at height h.
func (n *Network) WaitHeight(ctx context.Context, h int64) error {
	for i := range n.Nodes {
		for n.Height(i) < h {
			if err := pause(ctx, 2*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
