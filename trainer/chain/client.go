package chain

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	rpcclient "github.com/cometbft/cometbft/rpc/client"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Client speaks for one account. It is safe for concurrent use; its transactions queue.
type Client struct {
	cc        client.Context
	key       string // name in the keyring
	addr      sdk.AccAddress
	gasPrices string

	mu sync.Mutex // one transaction at a time: the next needs this one's sequence number
}

// pollEvery is how often a node is asked whether there is a new block.
const pollEvery = 100 * time.Millisecond

// New returns a client for the account whose key the context's keyring has under the given name. gasPrices, e.g.
// 0.0025uweft, may be empty where nodes ask for no fees.
func New(cc client.Context, key, gasPrices string) (*Client, error) {
	if _, err := sdk.ParseDecCoins(gasPrices); err != nil {
		return nil, fmt.Errorf("gas prices %q: %w", gasPrices, err)
	}
	rec, err := cc.Keyring.Key(key)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", key, err)
	}
	addr, err := rec.GetAddress()
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", key, err)
	}
	return &Client{cc: cc.WithFromAddress(addr).WithFromName(key).WithFrom(addr.String()), key: key, addr: addr, gasPrices: gasPrices}, nil
}

// NewReader returns a client that only reads: it has no key, and its transactions fail.
func NewReader(cc client.Context) *Client { return &Client{cc: cc} }

// Address is the account in bech32.
func (c *Client) Address() string { return c.addr.String() }

// Context is the client's context, for queries.
func (c *Client) Context() client.Context { return c.cc }

// Next implements worker.Chain.
func (c *Client) Next(ctx context.Context, height int64) error {
	for {
		h, err := c.latest(ctx)
		if err != nil {
			return err
		}
		if h > height {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

func (c *Client) abci() (rpcclient.ABCIClient, error) {
	node, ok := c.cc.Client.(rpcclient.ABCIClient)
	if !ok {
		return nil, errors.New("this client cannot query a node's application")
	}
	return node, nil
}

// latest is the height of the newest state that can be read. A node stores a block a moment before its application has
// executed it, so the block store's height would be one too many.
func (c *Client) latest(ctx context.Context) (int64, error) {
	node, err := c.abci()
	if err != nil {
		return 0, err
	}
	info, err := node.ABCIInfo(ctx)
	if err != nil {
		return 0, err
	}
	return info.Response.LastBlockHeight, nil
}

// blockTime is the time of a block.
func (c *Client) blockTime(ctx context.Context, height int64) (time.Time, error) {
	node, ok := c.cc.Client.(rpcclient.SignClient)
	if !ok {
		return time.Time{}, errors.New("this client cannot ask a node for block headers")
	}
	h, err := node.Header(ctx, &height)
	if err != nil {
		return time.Time{}, err
	}
	return h.Header.Time, nil
}

// ChainID is the id that the node says its chain has.
func (c *Client) ChainID(ctx context.Context) (string, error) {
	s, err := c.cc.Client.Status(ctx)
	if err != nil {
		return "", err
	}
	return s.NodeInfo.Network, nil
}

// Newest is the newest block's height and time.
func (c *Client) Newest(ctx context.Context) (int64, time.Time, error) {
	h, err := c.latest(ctx)
	if err != nil {
		return 0, time.Time{}, err
	}
	at, err := c.blockTime(ctx, h)
	return h, at, err
}
