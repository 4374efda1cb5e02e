package chain

import (
	"context"
	"fmt"

	"github.com/cosmos/cosmos-sdk/client"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	modeltypes "github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
)

// Model is a model as the chain has it.
type Model struct {
	Name, Owner     string
	Base, Tokenizer digest.Digest
	Adapter         ckpt.AdapterSpec
	Licence         string
	Head, Best      digest.Digest // Best is zero before anything was evaluated
	OpenRun         uint64        // 0: none
}

// ReadModel reads a model.
func ReadModel(ctx context.Context, cc client.Context, name string) (*Model, error) {
	r, err := modeltypes.NewQueryClient(cc).Model(ctx, &modeltypes.QueryModelRequest{Name: name})
	if err != nil {
		return nil, err
	}
	x := r.Model
	m := &Model{Name: x.Name, Owner: x.Owner, Licence: x.Licence, OpenRun: x.OpenRun, Adapter: adapterOf(x.Adapter)}
	var d reading
	m.Base, m.Tokenizer, m.Head, m.Best = d.digest(x.Base), d.digest(x.Tokenizer), d.digest(x.Head), d.digest(x.Best)
	return m, d.of("model " + name)
}

func adapterOf(a modeltypes.AdapterSpec) ckpt.AdapterSpec {
	out := ckpt.AdapterSpec{Rank: int(a.Rank), Alpha: int(a.Alpha), Targets: a.Targets}
	if a.FreezeA {
		out.FreezeA = 1
	}
	return out
}

// AdapterMsg is an adapter's shape as messages carry it.
func AdapterMsg(a ckpt.AdapterSpec) modeltypes.AdapterSpec {
	return modeltypes.AdapterSpec{Rank: uint32(a.Rank), Alpha: uint32(a.Alpha), Targets: a.Targets, FreezeA: a.FreezeA == 1}
}

// Checkpoint is a checkpoint of a lineage, as the chain has it.
type Checkpoint struct {
	Digest, Parent digest.Digest // Parent is zero for the first
	Run, Round     uint64
	Height, Size   uint64
	Eval           *protocol.Eval // nil: not evaluated
	// TaintedBy is the earliest checkpoint with forged work that it descends from, or itself; zero when it is clean.
	TaintedBy digest.Digest
}

// Lineage reads a model's checkpoints, from the head to the first.
func Lineage(ctx context.Context, cc client.Context, model string) ([]Checkpoint, error) {
	var out []Checkpoint
	from := ""
	for {
		r, err := modeltypes.NewQueryClient(cc).Lineage(ctx, &modeltypes.QueryLineageRequest{Model: model, From: from, Limit: 100})
		if err != nil {
			return nil, err
		}
		var d reading
		for i, x := range r.Checkpoints {
			c := Checkpoint{Digest: d.digest(x.Digest), Parent: d.digest(x.Parent), Run: x.Run, Round: x.Round, Height: x.Height, Size: x.Size_,
				TaintedBy: d.digest(r.TaintedBy[i])}
			if e := x.Evaluation; e != nil {
				c.Eval = &protocol.Eval{Reported: true, MicroNats: e.MicroNats, Tokens: e.Tokens}
			}
			out = append(out, c)
		}
		if err := d.of("lineage of " + model); err != nil {
			return nil, err
		}
		if r.Next == "" {
			return out, nil
		}
		from = r.Next
	}
}

// reading collects the first digest of an answer that is none.
type reading struct{ err error }

func (r *reading) digest(text string) digest.Digest {
	if text == "" {
		return digest.Digest{}
	}
	d, err := digest.Parse(text)
	if err != nil && r.err == nil {
		r.err = err
	}
	return d
}

func (r *reading) of(what string) error {
	if r.err == nil {
		return nil
	}
	return fmt.Errorf("%s: the node's answer: %w", what, r.err)
}

// Say is the checkpoint's part of a lineage folder's claims.
func (c *Checkpoint) Say(numerics string) ckpt.Say {
	s := ckpt.Say{Numerics: numerics}
	if c.Eval != nil {
		s.MicroNats, s.Tokens = &c.Eval.MicroNats, c.Eval.Tokens
	}
	if !c.TaintedBy.IsZero() {
		s.TaintedBy = &c.TaintedBy
	}
	return s
}
