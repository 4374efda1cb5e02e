// Command experiments measures, without a chain, what the outer optimizer, the codec and the division into trainers cost
// in quality: it trains the same records in the same order under different rules and prints the evaluation after every
// round. docs/experiments.md holds its tables.
//
//	go run ./testutil/experiments --base DIR --data train.jsonl --eval test.jsonl --only "4 trainers"
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/delta"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/x/round/protocol"
)

type setting struct {
	name            string
	trainers        uint32
	inner, rounds   uint32
	batch           uint32
	codec           string
	outerLR, outerM float64
	nesterov        bool
	freezeA         bool
}

var settings = []setting{
	{name: "one process, 16 a step", trainers: 1, inner: 10, rounds: 3, batch: 16, codec: "f32", outerLR: 1},
	{name: "one process, moments kept", trainers: 1, inner: 30, rounds: 1, batch: 16, codec: "f32", outerLR: 1},
	{name: "4 trainers, mean, f32", trainers: 4, inner: 10, rounds: 3, batch: 4, codec: "f32", outerLR: 1},
	{name: "4 trainers, mean, q4", trainers: 4, inner: 10, rounds: 3, batch: 4, codec: "q4", outerLR: 1},
	{name: "4 trainers, lr 1.3, q4", trainers: 4, inner: 10, rounds: 3, batch: 4, codec: "q4", outerLR: 1.3},
	{name: "4 trainers, lr 0.7 m 0.9 Nesterov, q4", trainers: 4, inner: 10, rounds: 3, batch: 4, codec: "q4", outerLR: 0.7, outerM: 0.9,
		nesterov: true},
	{name: "4 trainers, lr 0.7 m 0.5 Nesterov, q4", trainers: 4, inner: 10, rounds: 3, batch: 4, codec: "q4", outerLR: 0.7, outerM: 0.5,
		nesterov: true},
	{name: "4 trainers, mean, q4, A frozen", trainers: 4, inner: 10, rounds: 3, batch: 4, codec: "q4", outerLR: 1, freezeA: true},
}

func main() {
	dir := flag.String("base", "", "folder of the base")
	train := flag.String("data", "", "JSONL to train on")
	test := flag.String("eval", "", "JSONL to evaluate on")
	records := flag.Int("eval-records", 64, "evaluation records")
	seq := flag.Int("seq", 256, "sequence length")
	lr := flag.Float64("lr", 1e-3, "inner learning rate")
	num := flag.String("numerics", string(exact.BFloat16), "numerics id")
	only := flag.String("only", "", "run the settings whose name contains this")
	flag.Parse()
	if err := run(*dir, *train, *test, *records, *seq, *lr, *num, *only); err != nil {
		fmt.Fprintln(os.Stderr, "experiments:", err)
		os.Exit(1)
	}
}

func run(dir, train, test string, records, seq int, lr float64, num, only string) error {
	b, err := base.Open(dir)
	if err != nil {
		return err
	}
	defer b.Close()
	n, err := exact.ParseNumerics(num)
	if err != nil {
		return err
	}
	e, err := exact.New(n, 0)
	if err != nil {
		return err
	}
	m, err := b.Load(e, 0)
	if err != nil {
		return err
	}
	bl, err := b.Builder(seq)
	if err != nil {
		return err
	}
	sets := make([]*data.TokenSet, 2)
	for i, path := range []string{train, test} {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		ds, err := data.ReadJSONL(f, nil, i*records)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		if sets[i], err = bl.Build(ds); err != nil {
			return err
		}
	}
	for _, s := range settings {
		if strings.Contains(s.name, only) {
			if err := simulate(s, b, m, sets[0], sets[1], seq, lr); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	return nil
}

func simulate(s setting, b *base.Base, m *llm.Model, train, test *data.TokenSet, seq int, lr float64) error {
	nano := func(f float64) uint64 { return uint64(f*protocol.Nano + 0.5) }
	spec := &protocol.RunSpec{SeqLen: uint32(seq), InnerSteps: s.inner, Segment: 2, Batch: s.batch, Codec: s.codec, Loss: protocol.LossSFT,
		Rounds: s.rounds,
		Inner:  protocol.AdamW{LR: nano(lr), Beta1: nano(0.9), Beta2: nano(0.999), Eps: 10, Clip: nano(1), WarmupSteps: 5, Schedule: "constant"},
		Outer:  protocol.Outer{LR: nano(s.outerLR), Momentum: nano(s.outerM), Nesterov: s.nesterov}}
	freeze := 0
	if s.freezeA {
		freeze = 1
	}
	store, w := mem.New(), m.NewWork(0)
	head, err := checkpoint.Initial(store, "experiment", digest.Sum(nil),
		ckpt.AdapterSpec{Rank: 8, Alpha: 16, FreezeA: freeze, Targets: llm.Projections}, b.Config)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "weft-experiments-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	states, err := slot.OpenSnapshots(tmp, 0)
	if err != nil {
		return err
	}
	ctx := context.Background()
	eval := func() (float64, error) {
		n, _, err := replay.Evaluate(ctx, w, head.Adapter, test, seq)
		return float64(n) / 1e6, err
	}
	start := time.Now()
	first, err := eval()
	if err != nil {
		return err
	}
	fmt.Printf("%-42s %.4f", s.name, first)
	for r := uint64(1); r <= uint64(s.rounds); r++ {
		header := &protocol.Round{Run: 1, Number: r, Slots: s.trainers, Cursor: (r - 1) * uint64(s.trainers*s.inner*s.batch)}
		var cs []protocol.Contribution
		decoded := map[digest.Digest][]float32{}
		for i := range s.trainers {
			j := replay.NewJob(spec, header, i, head, train)
			out, err := slot.Run(ctx, w, j, states, store, func() time.Time { return time.Now().Add(time.Hour) }, nil)
			if err != nil {
				return err
			}
			f, err := delta.Parse(out.File)
			if err != nil {
				return err
			}
			codec, err := delta.ByName(s.codec)
			if err != nil {
				return err
			}
			d := out.Commit.Body
			if decoded[d], err = codec.Decode(f.Payload, len(checkpoint.Trained(head.Adapter, head.Adapter.Params))); err != nil {
				return err
			}
			cs = append(cs, protocol.Contribution{Trainer: protocol.Account(fmt.Sprintf("t%02d", i)), Slot: i, Delta: out.Commit.Body,
				Steps: s.inner, Tokens: j.Tokens(s.inner)})
		}
		if err := errors.Join(states.Settle(1, r), states.Sweep(1, 0)); err != nil {
			return err
		}
		if head, err = checkpoint.Fold(store, head, spec, 1, r, cs, decoded); err != nil {
			return err
		}
		v, err := eval()
		if err != nil {
			return err
		}
		fmt.Printf("  %.4f", v)
	}
	fmt.Printf("  (%s)\n", time.Since(start).Round(time.Second))
	return nil
}
