package localnet

import (
	"log/slog"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/devnet/network"
	"github.com/weftnet/weft/trainer/attester"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// Options describe the network, the model and the run.
type Options struct {
	Validators int // each with an attester; 0: 1
	Trainers   int
	Slots      uint32 // of each trainer; 0: 1
	BlockTime  time.Duration
	Power      []int64
	Dir        string // homes of nodes and workers; empty: a temporary folder, removed by Close

	Model   *llm.Model
	Base    digest.Digest
	Tok     digest.Digest // tokenizer digest
	Name    string        // of the model
	Adapter ckpt.AdapterSpec
	Train   *data.TokenSet
	TrainID digest.Digest
	Eval    *data.TokenSet
	EvalID  digest.Digest

	Spec      protocol.RunSpec // Model, Tokens and Eval are filled in
	MaxShares uint64
	Threads   int // of one trainer's pass

	Evidence time.Duration // how long rounds can be disputed and bonds and slashes are held; 0: the chain's default
	Stream   time.Duration // over which revenue that is deposited streams to the holders; 0: the chain's default
	Listen   bool          // nodes serve RPC on loopback ports

	SnapshotBudget int64 // bytes of a trainer's snapshots; 0: no bound

	Log  *slog.Logger
	Tell func(status.Placed)
	// Wrap stands between a worker and the chain, to watch or to disturb what it sends; nil: nothing does.
	Wrap func(name string, c worker.Chain) worker.Chain
	// Trainer and Attester change a worker before it runs, to make it lie (a trainer does its slots by trainer.Config.Do) or to
	// take something away from it; nil: nothing does.
	Trainer  func(name string, t *trainer.Config)
	Attester func(name string, a *attester.Config)
}

// Holder is an account with coins that neither works nor owns the model: it pays revenue in.
var Holder = network.NewAccount("holder")

// Owner owns the model.
var Owner = network.NewAccount("owner")
