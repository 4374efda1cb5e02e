package localnet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/devnet/network"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/checkpoint"
	modeltypes "github.com/weftnet/weft/x/model/types"
	roundtypes "github.com/weftnet/weft/x/round/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// Net is a running local network.
type Net struct {
	*network.Network
	Opts      Options
	RunID     uint64
	Proposal  *govv1.Proposal
	Attesters []*Node
	Trainers  []*Node

	scratch string
}

// Node is a worker's account, and its process while it runs.
type Node struct {
	Account network.Account
	Client  *chain.Client
	net     *Net
	attests bool
	dir     string

	mu   sync.Mutex
	proc *process
}

// Start brings up the validators, registers the workers, and links the attesters. No worker runs yet. An Options.Dir in
// which a network was before is continued: RunID is then the newest run, and StartAll takes up its work.
func Start(ctx context.Context, o Options) (_ *Net, err error) {
	if o.Validators == 0 {
		o.Validators = 1
	}
	if o.Slots == 0 {
		o.Slots = 1
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	n := &Net{Opts: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	root := o.Dir
	if root == "" {
		if n.scratch, err = os.MkdirTemp("", "weft-local-"); err != nil {
			return nil, err
		}
		root = n.scratch
	}
	accounts := []network.Account{Owner, Holder}
	for i := range o.Validators {
		n.Attesters = append(n.Attesters, n.node(fmt.Sprintf("attester%d", i), root, true))
	}
	for i := range o.Trainers {
		n.Trainers = append(n.Trainers, n.node(fmt.Sprintf("trainer%d", i), root, false))
	}
	for _, w := range n.workers() {
		accounts = append(accounts, w.Account)
	}
	chainDir := ""
	if o.Dir != "" {
		chainDir = filepath.Join(root, "chain")
	}
	if n.Network, err = network.Start(network.Options{Validators: o.Validators, Power: o.Power, BlockTime: o.BlockTime, Accounts: accounts,
		Dir:    chainDir,
		Listen: o.Listen, Genesis: o.genesis}); err != nil {
		return nil, err
	}
	if err := n.connect(); err != nil {
		return nil, err
	}
	if err := n.register(ctx); err != nil {
		return nil, err
	}
	if n.RunID, err = n.newestRun(ctx); err != nil {
		return nil, err
	}
	return n, nil
}

func (n *Net) node(name, root string, attests bool) *Node {
	return &Node{Account: network.NewAccount(name), net: n, attests: attests, dir: filepath.Join(root, name)}
}

func (n *Net) workers() []*Node { return append(append([]*Node{}, n.Attesters...), n.Trainers...) }

// connect gives every worker a client: an attester of its own validator's node, a trainer of one of them.
func (n *Net) connect() error {
	for i, w := range n.workers() {
		cc, err := n.Context(i % len(n.Nodes))
		if err != nil {
			return err
		}
		if w.Client, err = chain.New(cc, w.Account.Name, ""); err != nil {
			return err
		}
	}
	return nil
}

// register makes the chain know every worker's node key, and links each attester to its validator.
func (n *Net) register(ctx context.Context) error {
	for i, w := range n.workers() {
		key, err := w.key()
		if err != nil {
			return err
		}
		if err := w.Client.Register(ctx, key, nil); err != nil {
			return err
		}
		if !w.attests {
			continue
		}
		op := n.Nodes[i].Operator
		ws, err := chain.Members(ctx, w.Client.Context())
		if err != nil {
			return err
		}
		linked := false
		for _, x := range ws {
			linked = linked || x.Attester && string(x.Account) == w.Account.String()
		}
		if !linked {
			if _, err := n.Send(ctx, op, &workertypes.MsgLinkValidator{Operator: op.ValAddress().String(), Worker: w.Account.String()}); err != nil {
				return fmt.Errorf("link %s: %w", w.Account.Name, err)
			}
		}
	}
	return nil
}

// Coins is an amount of uweft.
func Coins(n uint64) sdk.Coin { return sdk.NewCoin(app.BondDenom, math.NewIntFromUint64(n)) }

// CreateModel registers the model with its first checkpoint, which it makes in memory to know the digest.
func (n *Net) CreateModel(ctx context.Context) (*checkpoint.Checkpoint, error) {
	o := n.Opts
	first, err := checkpoint.Initial(mem.New(), o.Name, o.Base, o.Adapter, o.Model.Config)
	if err != nil {
		return nil, err
	}
	a := first.Manifest.Adapter
	_, err = n.Send(ctx, Owner, &modeltypes.MsgCreateModel{Owner: Owner.String(), Name: o.Name, Base: o.Base.Text(), Tokenizer: o.Tok.Text(),
		Adapter: modeltypes.AdapterSpec{Rank: uint32(a.Rank), Alpha: uint32(a.Alpha), Targets: a.Targets, FreezeA: a.FreezeA == 1},
		Licence: "Apache-2.0", MaxShares: o.MaxShares, Genesis: first.Digest.Text(), GenesisSize: first.Size()})
	return first, err
}

// Open funds the treasury, approves the spec and lets governance open the run.
func (n *Net) Open(ctx context.Context) error {
	o := n.Opts
	spec := o.Spec
	spec.Model, spec.Tokens, spec.Eval = o.Name, o.TrainID, o.EvalID
	n.Opts.Spec = spec
	if p := spec.Problems(); len(p) > 0 {
		return fmt.Errorf("the run cannot be carried out: %v", p)
	}
	d := spec.Digest()
	if _, err := n.Send(ctx, Owner,
		&modeltypes.MsgFund{Funder: Owner.String(), Model: o.Name, Amount: Coins(spec.Budget)},
		&modeltypes.MsgApproveRun{Owner: Owner.String(), Model: o.Name, Spec: d.Text()}); err != nil {
		return err
	}
	var err error
	n.Proposal, err = n.Propose(ctx, "Train "+o.Name,
		&roundtypes.MsgOpenRun{Authority: authtypes.NewModuleAddress(govtypes.ModuleName).String(), Spec: roundtypes.SpecOf(spec)})
	if err != nil {
		return err
	}
	if n.RunID, err = n.newestRun(ctx); err != nil {
		return err
	}
	if n.RunID == 0 {
		return errors.New("governance carried the proposal out, but there is no run")
	}
	return nil
}

// newestRun is the id of the run that was opened last, or 0.
func (n *Net) newestRun(ctx context.Context) (uint64, error) {
	cc, err := n.Context(0)
	if err != nil {
		return 0, err
	}
	r, err := roundtypes.NewQueryClient(cc).Runs(ctx, &roundtypes.QueryRunsRequest{})
	if err != nil || len(r.Runs) == 0 {
		return 0, err
	}
	return r.Runs[len(r.Runs)-1].Id, nil
}

// CheckBooks checks, in the state after every block so far, that each module's account holds what its books say
// (app.CheckBooks), and returns the last height.
func (n *Net) CheckBooks() (int64, error) {
	last := n.Height(0)
	for h := int64(1); h <= last; h++ {
		if err := n.checkBooks(h); err != nil {
			return h, fmt.Errorf("height %d: %w", h, err)
		}
	}
	return last, nil
}

func (n *Net) checkBooks(height int64) error {
	a := n.Nodes[0].App
	ctx, err := a.CreateQueryContext(height, false)
	if err != nil {
		return err
	}
	_, err = a.CheckBooks(ctx)
	return err
}

// Close stops every worker and node.
func (n *Net) Close() error {
	var errs []error
	for _, w := range n.workers() {
		errs = append(errs, w.Stop())
	}
	if n.Network != nil {
		errs = append(errs, n.Network.Close())
	}
	if n.scratch != "" {
		errs = append(errs, os.RemoveAll(n.scratch))
	}
	return errors.Join(errs...)
}
