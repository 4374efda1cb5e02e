package chain

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"

	roundtypes "github.com/weftnet/weft/x/round/types"
)

// Client speaks for one account. It is safe for concurrent use; its transactions queue.
type Client struct {
	cc        client.Context
	key       string // name in the keyring
	addr      sdk.AccAddress
	gasPrices string

	mu     sync.Mutex // one transaction at a time: the next needs this one's sequence number
	seen   sync.Mutex
	height int64
}

// pollEvery is how often a node is asked whether there is a new block.
const pollEvery = 100 * time.Millisecond

// txTimeout bounds the wait for a transaction to be in a block.
const txTimeout = 60 * time.Second

// New returns a client for the account whose key the context's keyring has under the given name. gasPrices, e.g.
// 0.0025uweft, may be empty where nodes ask for no fees.
func New(cc client.Context, key, gasPrices string) (*Client, error) {
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

// Next implements trainer.Chain.
func (c *Client) Next(ctx context.Context) error {
	c.seen.Lock()
	last := c.height
	c.seen.Unlock()
	for {
		h, err := c.latest(ctx)
		if err != nil {
			return err
		}
		if h > last {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// latest is the height of the newest state that can be read. A node stores a block a moment before its application has
// executed it, so the block store's height would be one too many.
func (c *Client) latest(ctx context.Context) (int64, error) {
	node, ok := c.cc.Client.(rpcclient.ABCIClient)
	if !ok {
		return 0, errors.New("this client cannot ask a node for its height")
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

// Send signs msgs as one transaction, broadcasts it and waits until it is in a block. A sequence number that another
// transaction took is read again, and a gas estimate that was too low is made again, both up to three times.
func (c *Client) Send(ctx context.Context, msgs ...sdk.Msg) (*coretypes.ResultTx, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var last error
	for range 3 {
		r, err := c.try(ctx, msgs)
		if err == nil || !again(err) {
			return r, err
		}
		last = err
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pollEvery):
		}
	}
	return nil, last
}

// TxError is a transaction that the chain refused.
type TxError struct {
	Codespace string
	Code      uint32
	Log       string
}

func (e *TxError) Error() string { return forPeople(e.Log) }

// Unwrap gives the rule that was broken, if it was one of x/round's.
func (e *TxError) Unwrap() error { return roundtypes.Rule(e.Codespace, e.Code) }

func again(err error) bool {
	var t *TxError
	if !errors.As(err, &t) || t.Codespace != sdkerrors.RootCodespace {
		return false
	}
	return t.Code == sdkerrors.ErrWrongSequence.ABCICode() || t.Code == sdkerrors.ErrOutOfGas.ABCICode()
}

func (c *Client) try(ctx context.Context, msgs []sdk.Msg) (*coretypes.ResultTx, error) {
	f, err := tx.Factory{}.WithTxConfig(c.cc.TxConfig).WithAccountRetriever(c.cc.AccountRetriever).WithKeybase(c.cc.Keyring).
		WithChainID(c.cc.ChainID).WithFromName(c.key).WithGasAdjustment(1.5).WithGasPrices(c.gasPrices).
		WithSignMode(signing.SignMode_SIGN_MODE_DIRECT).WithSimulateAndExecute(true).Prepare(c.cc)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w (does it have coins?)", c.Address(), err)
	}
	gas, err := c.simulate(ctx, f, msgs)
	if err != nil {
		return nil, err
	}
	b, err := f.WithGas(gas + 20_000).BuildUnsignedTx(msgs...)
	if err != nil {
		return nil, err
	}
	if err := tx.Sign(ctx, f, c.key, b, true); err != nil {
		return nil, err
	}
	raw, err := c.cc.TxConfig.TxEncoder()(b.GetTx())
	if err != nil {
		return nil, err
	}
	r, err := c.cc.Client.BroadcastTxSync(ctx, raw)
	if err != nil {
		return nil, err
	}
	if r.Code != 0 {
		return nil, &TxError{r.Codespace, r.Code, r.Log}
	}
	return c.wait(ctx, r.Hash)
}

func (c *Client) wait(ctx context.Context, hash []byte) (*coretypes.ResultTx, error) {
	ctx, cancel := context.WithTimeout(ctx, txTimeout)
	defer cancel()
	for {
		r, err := c.cc.Client.Tx(ctx, hash, false)
		if err == nil {
			if r.TxResult.Code != 0 {
				return r, &TxError{r.TxResult.Codespace, r.TxResult.Code, r.TxResult.Log}
			}
			return r, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("transaction %X is not in a block yet: %w", hash, ctx.Err())
		case <-time.After(pollEvery / 2):
		}
	}
}
