package demo

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/devnet/localnet"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/chat"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/x/round/protocol"
)

// Config is what a demo plays with.
type Config struct {
	Base  *base.Base
	Model *llm.Model // the base, laid out for an engine
	// BaseName is where the adapter's card says that the base is; empty: the base is written into Out.
	BaseName    string
	Train, Eval *data.TokenSet
	Questions   []data.Record // answered before and after

	Name                 string // of the model
	Adapter              ckpt.AdapterSpec
	Spec                 protocol.RunSpec // Model, Tokens, Eval, the trainers and attesters, and the budget are filled in
	Validators, Trainers int              // each validator has an attester
	Out                  string           // folder to write, which does not exist yet

	Log  *slog.Logger
	Emit func(status.Event)
}

const (
	blockTime = 100 * time.Millisecond
	// stream is how long the demo's revenue streams.
	stream = 2 * time.Second
	// maxShares that the model ever has: more than any demo's rounds mint.
	maxShares = 1_000_000
	// answerTokens that a question is answered with, at most.
	answerTokens = 96
)

// playing is a demo under way.
type playing struct {
	Config
	net   *localnet.Net
	asked []asked
}

// asked is a question, and what the bare base answered.
type asked struct {
	chat.Question
	before string
}

// Play plays the run and writes its result to Out. Errors are *operror.Error.
func Play(ctx context.Context, c Config) (err error) {
	p := &playing{Config: c}
	began := time.Now()
	o, err := p.options()
	if err != nil {
		return err
	}
	if p.net, err = localnet.Start(ctx, o); err != nil {
		return operror.Wrap("start the network", "", err)
	}
	defer func() { err = errors.Join(err, p.net.Close()) }()
	for _, part := range []func(context.Context) error{p.ask, p.open, p.watch, p.lineage, p.pay, p.revenue, p.write} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	p.Emit(&Done{time.Since(began).Seconds(), p.lineageDir()})
	return nil
}

// options completes the run's spec and describes the network.
func (p *playing) options() (o localnet.Options, err error) {
	s := p.Spec
	s.MinTrainers, s.MaxTrainers, s.MinAttesters = uint32(p.Trainers), uint32(p.Trainers), uint32(p.Validators)
	s.Budget = uint64(s.Rounds) * s.RewardPerRound
	o = localnet.Options{Validators: p.Validators, Trainers: p.Trainers, BlockTime: blockTime, Stream: stream, Model: p.Model, Name: p.Name,
		Adapter: p.Adapter, Train: p.Train, Eval: p.Eval, Spec: s, MaxShares: maxShares, Threads: max(1,
			runtime.GOMAXPROCS(0)/max(1, p.Trainers)),
		Log: p.Log, Tell: p.tell}
	if o.Base, err = p.Base.Digest(); err != nil {
		return o, operror.Wrap("digest", p.Base.Dir, err)
	}
	if o.Tok, err = p.Base.TokenizerDigest(); err != nil {
		return o, operror.Wrap("digest", p.Base.Dir, err)
	}
	if o.TrainID, err = idOf(p.Train); err != nil {
		return o, err
	}
	if o.EvalID, err = idOf(p.Eval); err != nil {
		return o, err
	}
	p.Emit(&Base{Base: o.Base, Parameters: parameters(p.Base.Config), Numerics: string(p.Model.Numerics()), Kernel: p.Model.Kernel(),
		TrainRecords: len(p.Train.Sequences), EvalRecords: len(p.Eval.Sequences), TrainSet: o.TrainID, EvalSet: o.EvalID, SequenceLen: s.SeqLen,
		Cut: p.Train.Meta.Cut, Validators: p.Validators, Trainers: p.Trainers})
	return o, nil
}

func idOf(s *data.TokenSet) (digest.Digest, error) {
	raw, err := s.Encode()
	return digest.Sum(raw), operror.Wrap("encode a token set", "", err)
}

// parameters of the embedding and of every projection; norms and biases are too few to count.
func parameters(c llm.Config) int {
	n := c.Vocab * c.Hidden
	for _, p := range llm.Projections {
		out, in := c.Dims(p)
		n += out * in * c.Layers
	}
	return n
}

// ask answers the questions with the bare base.
func (p *playing) ask(ctx context.Context) error {
	for _, r := range p.Questions {
		q, err := chat.Ask(p.Base, r)
		if err != nil {
			return operror.Wrap("render a question", "", err)
		}
		text, err := p.answer(ctx, nil, q.IDs)
		if err != nil {
			return err
		}
		p.asked = append(p.asked, asked{q, text})
	}
	return nil
}

func (p *playing) answer(ctx context.Context, ad *lora.Adapter, ids []int32) (string, error) {
	got, err := p.Model.NewGenerator(ad, llm.Sampling{}, 0, 1).Generate(ids, answerTokens, p.Base.Config.EOS,
		func(int32) bool { return ctx.Err() == nil })
	if err = errors.Join(err, ctx.Err()); err != nil {
		return "", operror.Wrap("generate", "", err)
	}
	return p.Base.Tokenizer.Decode(got, true), nil
}

// best loads the best checkpoint from the first attester's store.
func (p *playing) best(ctx context.Context) (m *chain.Model, cp *checkpoint.Checkpoint, err error) {
	if m, err = chain.ReadModel(ctx, p.net.Trainers[0].Client.Context(), p.Name); err != nil {
		return nil, nil, operror.Wrap("read the model", p.Name, err)
	}
	d := m.Best
	if d.IsZero() {
		d = m.Head
	}
	cp, err = checkpoint.Load(p.net.Attesters[0].Store(), d, p.Base.Config)
	return m, cp, operror.Wrap("load checkpoint", d.String(), err)
}
