package chain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
)

// txTimeout bounds the wait for a transaction to be in a block.
const txTimeout = 60 * time.Second

// A transaction's gas is what a simulation used, times gasAdjustment, plus gasExtra.
const (
	gasAdjustment = 1.5
	gasExtra      = 20_000
)

// attempts at a transaction whose sequence number or gas turned out to be wrong.
const attempts = 8

// Send signs msgs as one transaction, broadcasts it and waits until it is in a block. A sequence number that another
// transaction took is replaced by the one that the node expects, and a gas estimate that was too low is made again.
func (c *Client) Send(ctx context.Context, msgs ...sdk.Msg) (*coretypes.ResultTx, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var last error
	sequence := uint64(0) // what the account has
	for range attempts {
		r, err := c.try(ctx, sequence, msgs)
		var t *TxError
		if err == nil || !errors.As(err, &t) || !t.again() {
			return r, err
		}
		last, sequence = err, t.expected()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pollEvery):
		}
	}
	return nil, last
}

// try sends a transaction once; sequence 0 means the one that the account has.
func (c *Client) try(ctx context.Context, sequence uint64, msgs []sdk.Msg) (*coretypes.ResultTx, error) {
	f, err := tx.Factory{}.WithTxConfig(c.cc.TxConfig).WithAccountRetriever(c.cc.AccountRetriever).WithKeybase(c.cc.Keyring).
		WithChainID(c.cc.ChainID).WithFromName(c.key).WithGasPrices(c.gasPrices).WithSequence(sequence).
		WithSignMode(signing.SignMode_SIGN_MODE_DIRECT).WithSimulateAndExecute(true).Prepare(c.cc)
	if grpcstatus.Code(err) == codes.NotFound {
		return nil, &TxError{sdkerrors.RootCodespace, sdkerrors.ErrUnknownAddress.ABCICode(),
			"the chain does not know account " + c.Address()}
	}
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", c.Address(), err)
	}
	gas, err := c.simulate(ctx, f, msgs)
	if err != nil {
		return nil, err
	}
	b, err := f.WithGas(uint64(gasAdjustment*float64(gas)) + gasExtra).BuildUnsignedTx(msgs...)
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
	switch known := client.CheckCometError(err, raw); {
	case known != nil && known.Code == sdkerrors.ErrTxInMempoolCache.ABCICode():
		// Sent before, to the byte, by a command whose wait ran out or by another process: it is on its way. Another one with the
		// next number would pay twice.
		return c.wait(ctx, cmttypes.Tx(raw).Hash())
	case known != nil:
		return nil, &TxError{known.Codespace, known.Code, err.Error()}
	case err != nil:
		return nil, err
	case r.Code != 0:
		return nil, &TxError{r.Codespace, r.Code, r.Log}
	}
	return c.wait(ctx, r.Hash)
}

// simulate returns the gas that a transaction would use. The node is asked by ABCI query, which keeps the code of a refusal;
// the gRPC service keeps its text alone.
func (c *Client) simulate(ctx context.Context, f tx.Factory, msgs []sdk.Msg) (uint64, error) {
	raw, err := f.BuildSimTx(msgs...)
	if err != nil {
		return 0, err
	}
	node, err := c.abci()
	if err != nil {
		return 0, err
	}
	r, err := node.ABCIQuery(ctx, "/app/simulate", raw)
	if err != nil {
		return 0, err
	}
	if r.Response.Code != 0 {
		return 0, &TxError{r.Response.Codespace, r.Response.Code, r.Response.Log}
	}
	var out struct {
		Info struct {
			Used string `json:"gas_used"`
		} `json:"gas_info"`
	}
	if err := json.Unmarshal(r.Response.Value, &out); err != nil {
		return 0, fmt.Errorf("simulation: %w", err)
	}
	gas, err := strconv.ParseUint(out.Info.Used, 10, 63)
	if err != nil {
		return 0, fmt.Errorf("simulation: gas used %q: %w", out.Info.Used, err)
	}
	return gas, nil
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
