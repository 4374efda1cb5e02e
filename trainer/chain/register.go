package chain

import (
	"context"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	workertypes "github.com/weftnet/weft/x/worker/types"
)

// Register makes the chain know this account's node key and addresses: it registers a new worker, rotates the key of one
// whose machine has another, or updates addresses; it sends nothing when the chain knows them already. nil addrs say nothing
// of addresses: those that the chain has stay, which may be those of a process that is running.
func (c *Client) Register(ctx context.Context, node crypto.PrivKey, addrs []multiaddr.Multiaddr) error {
	id, err := peer.IDFromPrivateKey(node)
	if err != nil {
		return err
	}
	texts := make([]string, len(addrs))
	for i, a := range addrs {
		texts[i] = a.String()
	}
	r, err := workertypes.NewQueryClient(c.cc).Worker(ctx, &workertypes.QueryWorkerRequest{Address: c.Address()})
	missing := grpcstatus.Code(err) == codes.NotFound
	if err != nil && !missing {
		return fmt.Errorf("worker %s: %w", c.Address(), err)
	}
	b := &workertypes.Binding{ChainId: c.cc.ChainID, Account: c.Address(), Addrs: texts}
	if !missing {
		b.Nonce = r.View.Worker.Nonce
		if addrs == nil {
			b.Addrs = r.View.Worker.Addrs
		}
	}
	env, err := b.Seal(node)
	if err != nil {
		return err
	}
	switch {
	case missing:
		_, err = c.Send(ctx, &workertypes.MsgRegister{Account: c.Address(), Envelope: env})
	case r.View.Worker.PeerId != id.String():
		_, err = c.Send(ctx, &workertypes.MsgRotateKey{Account: c.Address(), Envelope: env})
	case !slices.Equal(r.View.Worker.Addrs, b.Addrs):
		_, err = c.Send(ctx, &workertypes.MsgUpdateAddrs{Account: c.Address(), Envelope: env})
	}
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	return nil
}

// PeerID is the name of a node key on the network; empty for a key that has none.
func PeerID(node crypto.PrivKey) string {
	id, err := peer.IDFromPrivateKey(node)
	if err != nil {
		return ""
	}
	return id.String()
}
