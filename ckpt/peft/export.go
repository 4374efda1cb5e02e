package peft

import (
	"fmt"

	"github.com/weftnet/weft/ckpt"
)

// Export writes a checkpoint of a store as an adapter folder. say is what is known of it beside its manifest.
func Export(s ckpt.Store, e ckpt.Entry, dir, baseName, licence string, say ckpt.Say) error {
	ref, err := e.Manifest.File(ckpt.AdapterFile)
	if err != nil {
		return err
	}
	raw, err := ckpt.GetBytes(s, ref.Digest, ref.Size)
	if err != nil {
		return err
	}
	card := Card{Model: e.Manifest.Model, Licence: licence, Base: baseName, BaseDigest: e.Manifest.Base, Checkpoint: e.Digest, Run: e.Manifest.Run,
		Round: e.Manifest.Round, Numerics: say.Numerics, Parent: "none: the first checkpoint"}
	if say.MicroNats != nil {
		card.Eval = fmt.Sprintf("%.4f nats per answer token, over %d tokens", float64(*say.MicroNats)/1e6, say.Tokens)
	}
	if say.TaintedBy != nil {
		card.Tainted = say.TaintedBy.String()
	}
	if e.Manifest.Parent != nil {
		card.Parent = e.Manifest.Parent.String()
	}
	for _, c := range e.Manifest.Contributions {
		card.Trainers = append(card.Trainers, fmt.Sprintf("`%s`, slot %d: %d steps, %d answer tokens", c.Trainer, c.Slot, c.Steps, c.Tokens))
	}
	return Write(dir, raw, e.Manifest.Adapter, card)
}
