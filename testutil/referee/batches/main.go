// Command batches writes what `weft tune` trains on, for a referee that trains on the same: the first adapter as a PEFT
// folder, and one JSON line per step with its sequences.
//
//	go run ./testutil/referee/batches --base DIR --tokens train.safetensors --steps 50 --batch 16 --seq 256 --adapter DIR > batches.jsonl
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/ckpt/peft"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/x/round/protocol"
)

func main() {
	dir := flag.String("base", "", "folder of the base")
	tokens := flag.String("tokens", "", "token set")
	steps := flag.Int("steps", 50, "optimizer steps")
	batch := flag.Int("batch", 16, "sequences per step")
	seq := flag.Int("seq", 256, "sequence length")
	adapter := flag.String("adapter", "", "PEFT folder to write")
	flag.Parse()
	if err := run(*dir, *tokens, *adapter, uint32(*steps), uint32(*batch), uint32(*seq)); err != nil {
		fmt.Fprintln(os.Stderr, "batches:", err)
		os.Exit(1)
	}
}

func run(dir, tokens, adapter string, steps, batch, seq uint32) error {
	b, err := base.Open(dir)
	if err != nil {
		return err
	}
	defer b.Close()
	raw, err := os.ReadFile(tokens)
	if err != nil {
		return err
	}
	set, err := data.ParseTokenSet(raw)
	if err != nil {
		return err
	}
	s, spec := mem.New(), ckpt.AdapterSpec{Rank: 8, Alpha: 16, Targets: llm.Projections}
	cp, err := checkpoint.Initial(s, "tune 0", digest.Sum(nil), spec, b.Config) // as weft tune with its seed 0
	if err != nil {
		return err
	}
	ref, err := cp.Manifest.File(ckpt.AdapterFile)
	if err != nil {
		return err
	}
	file, err := ckpt.GetBytes(s, ref.Digest, ref.Size)
	if err != nil {
		return err
	}
	if err := peft.Write(adapter, file, spec, peft.Card{Model: "first", Base: dir, Checkpoint: cp.Digest}); err != nil {
		return err
	}
	j := replay.NewJob(&protocol.RunSpec{SeqLen: seq, InnerSteps: steps, Batch: batch}, &protocol.Round{Number: 1, Slots: 1}, 0, cp, set)
	out := json.NewEncoder(os.Stdout)
	var errs []error
	for h := range steps {
		errs = append(errs, out.Encode(j.Batch(h)))
	}
	return errors.Join(errs...)
}
