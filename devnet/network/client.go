package network

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	coretypes "github.com/cometbft/cometbft/rpc/core/types"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
)

// gasLimit is what Send allows a transaction.
const gasLimit = 20_000_000

// register serves the queries that need a client: transactions, blocks, and the node's own state.
func (n *Network) register(nd *Node) {
	c := n.context(nd)
	nd.App.RegisterTxService(c)
	nd.App.RegisterTendermintService(c)
}

// Context returns a client of node i that talks to it inside the process. Its keyring, in memory, has the node's operator and all
// accounts of the options under their names.
func (n *Network) Context(i int) (client.Context, error) {
	nd := n.Nodes[i]
	c := n.context(nd)
	ring := keyring.NewInMemory(nd.App.Codec)
	for _, a := range append([]Account{nd.Operator}, n.opts.Accounts...) {
		if err := ring.ImportPrivKeyHex(a.Name, hex.EncodeToString(a.Key.Key), "secp256k1"); err != nil {
			return c, fmt.Errorf("key %s: %w", a.Name, err)
		}
	}
	return c.WithKeyring(ring), nil
}

func (n *Network) context(nd *Node) client.Context {
	return client.Context{}.WithCodec(nd.App.Codec).WithInterfaceRegistry(nd.App.Registry).WithTxConfig(nd.App.TxConfig).
		WithAccountRetriever(authtypes.AccountRetriever{}).WithChainID(n.opts.ChainID).WithClient(nd.RPC).WithNodeURI(nd.RPCAddr).
		WithHomeDir(nd.cfg.RootDir).WithBroadcastMode(flags.BroadcastSync).WithSkipConfirmation(true)
}

// Send signs a transaction, sends it through node 0 and waits until every node has executed its block. A transaction that failed is an
// error too; the result then says at which height. Concurrent calls for one account queue.
func (n *Network) Send(ctx context.Context, from Account, msgs ...sdk.Msg) (*coretypes.ResultTx, error) {
	lock, _ := n.sending.LoadOrStore(from.String(), &sync.Mutex{})
	lock.(*sync.Mutex).Lock()
	defer lock.(*sync.Mutex).Unlock()
	nd := n.Nodes[0]
	number, sequence, err := authtypes.AccountRetriever{}.GetAccountNumberSequence(n.context(nd), from.Address())
	if err != nil {
		return nil, err
	}
	signed, err := sign(nd.App, from, authsigning.SignerData{ChainID: n.opts.ChainID, AccountNumber: number, Sequence: sequence}, msgs...)
	if err != nil {
		return nil, err
	}
	raw, err := nd.App.TxConfig.TxEncoder()(signed)
	if err != nil {
		return nil, err
	}
	sent, err := nd.RPC.BroadcastTxSync(ctx, raw)
	if err != nil {
		return nil, err
	}
	if sent.Code != 0 {
		return nil, fmt.Errorf("refused by %s with code %d: %s", sent.Codespace, sent.Code, sent.Log)
	}
	return n.WaitTx(ctx, sent.Hash)
}

// WaitTx waits until a transaction is in a block and every node has executed that. A transaction that failed is an error too.
func (n *Network) WaitTx(ctx context.Context, hash []byte) (*coretypes.ResultTx, error) {
	for {
		r, err := n.Nodes[0].RPC.Tx(ctx, hash, false)
		if err == nil && r.TxResult.Code != 0 {
			err = fmt.Errorf("failed in block %d by %s with code %d: %s", r.Height, r.TxResult.Codespace, r.TxResult.Code, r.TxResult.Log)
			return r, err
		}
		if err == nil {
			return r, n.WaitHeight(ctx, r.Height)
		}
		// The node answers "not found" until the block is indexed.
		if waitErr := pause(ctx, 3*time.Millisecond); waitErr != nil {
			return nil, errors.Join(waitErr, err)
		}
	}
}

// Propose submits a governance proposal, lets every validator vote yes, and waits for its end. Unless it passed and was carried out, the
// error says why.
func (n *Network) Propose(ctx context.Context, title string, msgs ...sdk.Msg) (*govv1.Proposal, error) {
	op := n.Nodes[0].Operator
	submit, err := govv1.NewMsgSubmitProposal(msgs, sdk.NewCoins(whole(1)), op.String(), "", title, title, false)
	if err != nil {
		return nil, err
	}
	r, err := n.Send(ctx, op, submit)
	if err != nil {
		return nil, err
	}
	var id uint64
	for _, ev := range r.TxResult.Events {
		for _, at := range ev.Attributes {
			if ev.Type == "submit_proposal" && at.Key == "proposal_id" {
				if _, err := fmt.Sscan(at.Value, &id); err != nil {
					return nil, err
				}
			}
		}
	}
	// All at once: on a slow machine one after the other might outlast the voting period.
	errs := make([]error, len(n.Nodes))
	var wg sync.WaitGroup
	for i, nd := range n.Nodes {
		wg.Go(func() {
			_, errs[i] = n.Send(ctx, nd.Operator, govv1.NewMsgVote(nd.Operator.Address(), id, govv1.OptionYes, ""))
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return n.waitProposal(ctx, id)
}

func (n *Network) waitProposal(ctx context.Context, id uint64) (*govv1.Proposal, error) {
	q := govv1.NewQueryClient(n.context(n.Nodes[0]))
	for {
		r, err := q.Proposal(ctx, &govv1.QueryProposalRequest{ProposalId: id})
		if err != nil {
			return nil, err
		}
		switch p := r.Proposal; p.Status {
		case govv1.StatusPassed:
			return p, nil
		case govv1.StatusDepositPeriod, govv1.StatusVotingPeriod:
			if err := pause(ctx, 10*time.Millisecond); err != nil {
				return p, err
			}
		default:
			return p, fmt.Errorf("proposal %d ended as %s: %s", id, p.Status, p.FailedReason)
		}
	}
}
