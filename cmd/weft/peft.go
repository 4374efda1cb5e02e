package main

import (
	"fmt"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/peft"
)

// writePEFT writes a checkpoint of a store as a PEFT folder. Texts that are not known are left out of the card.
func writePEFT(s ckpt.Store, e ckpt.Entry, dir, baseName, numerics, before, after string) error {
	ref, err := e.Manifest.File(ckpt.AdapterFile)
	if err != nil {
		return err
	}
	raw, err := ckpt.GetBytes(s, ref.Digest, ref.Size)
	if err != nil {
		return err
	}
	if baseName == "" {
		baseName = e.Manifest.Base.String()
	}
	card := peft.Card{Model: e.Manifest.Model, Licence: "apache-2.0", Base: baseName, BaseDigest: e.Manifest.Base, Checkpoint: e.Digest,
		Run: e.Manifest.Run, Round: e.Manifest.Round, Numerics: numerics, EvalBefore: before, Eval: after, Parent: "none: the first checkpoint"}
	if e.Manifest.Parent != nil {
		card.Parent = e.Manifest.Parent.String()
	}
	for _, c := range e.Manifest.Contributions {
		card.Trainers = append(card.Trainers, fmt.Sprintf("`%s`, slot %d: %d steps, %d answer tokens", c.Trainer, c.Slot, c.Steps, c.Tokens))
	}
	return peft.Write(dir, raw, e.Manifest.Adapter, card)
}
