package worker

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/loss"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/x/round/protocol"
)

// Config is what a worker of one run needs.
type Config struct {
	Account protocol.Account
	Run     uint64
	Chain   Chain
	Host    *gossip.Host
	View    *View
	Store   ckpt.Store

	Decoder  llm.Config         // of the base
	Numerics exact.Numerics     // of the engine
	NewPass  func() replay.Pass // a pass over the base on that engine

	Base    digest.Digest    // of the base's manifest
	Name    string           // of the model that the run trains
	Adapter ckpt.AdapterSpec // of that model
	Train   *data.TokenSet
	TrainID digest.Digest // of Train's file
	Eval    *data.TokenSet
	EvalID  digest.Digest

	Keep time.Duration // how long snapshots of settled rounds are kept: the chain's evidence window

	Log  *slog.Logger
	Tell func(status.Placed) // progress; nil: none. Called from several goroutines
}

// Worker follows one run for one account. A trainer and an attester are built on it.
type Worker struct {
	Config

	checked  bool                // the run's spec fits the configuration
	phase    phaseTold           // what was told of the phase
	troubles map[string]*trouble // by action
}

// New returns a worker that follows nothing yet.
func New(c Config) *Worker { return &Worker{Config: c, troubles: map[string]*trouble{}} }

// Say tells an event of the run.
func (w *Worker) Say(e status.Placed) {
	p := e.Place()
	p.Worker, p.Run = w.Account, w.Run
	if w.Tell != nil {
		w.Tell(e)
	}
}

// In is the place of an event in a round.
func In(round uint64) status.At { return status.At{Round: round} }

// Of is the place of an event of a slot.
func Of(round uint64, slot uint32) status.At { return status.At{Round: round, Slot: &slot} }

// Check refuses to work on anything but what the run pins. A spec never changes, so once is enough.
func (w *Worker) Check(s *protocol.RunSpec, attester bool) error {
	if w.checked {
		return nil
	}
	var errs []error
	bad := func(is bool, format string, args ...any) {
		if is {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	bad(w.TrainID != s.Tokens, "the token set is %s, run %d pins %s: build or fetch that one", w.TrainID, w.Run, s.Tokens)
	bad(attester && s.EvalEvery > 0 && w.EvalID != s.Eval, "the evaluation set is %s, run %d pins %s", w.EvalID, w.Run, s.Eval)
	bad(string(w.Numerics) != s.Numerics, "this engine computes %s, run %d pins %s", w.Numerics, w.Run, s.Numerics)
	if _, err := loss.FromSpec(s.Loss); err != nil {
		errs = append(errs, fmt.Errorf("run %d has a loss that cannot be trained: %w", w.Run, err))
	}
	if err := w.Train.Check(w.Decoder.Vocab); err != nil {
		errs = append(errs, err)
	}
	if attester && w.Eval != nil {
		if err := w.Eval.Check(w.Decoder.Vocab); err != nil {
			errs = append(errs, err)
		}
		if id, both := data.Overlap(w.Train, w.Eval); both {
			errs = append(errs, fmt.Errorf("record %s is in both the training and the evaluation set", id))
		}
	}
	w.checked = len(errs) == 0
	return Fatal(errors.Join(errs...))
}
