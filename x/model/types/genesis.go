package types

import (
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/ckpt/digest"
)

// DefaultGenesis has no models.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks that every lineage is whole, and that every treasury is the sum of its funders.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	g := index{models: map[string]Model{}, checkpoints: map[string]Checkpoint{}}
	for _, m := range gs.Models {
		if err := g.model(m); err != nil {
			return err
		}
	}
	for _, c := range gs.Checkpoints {
		if err := g.checkpoint(c); err != nil {
			return err
		}
	}
	for _, m := range gs.Models {
		if err := g.lineage(m); err != nil {
			return err
		}
	}
	for _, a := range gs.Approvals {
		_, known := g.models[a.Model]
		if _, err := digest.Parse(a.Spec); err != nil || !known {
			return ErrGenesis.Wrapf("approval of model %q", a.Model)
		}
	}
	if err := gs.validateTaints(g); err != nil {
		return err
	}
	return gs.validateTreasuries(g)
}

func (gs GenesisState) validateTaints(g index) error {
	type key struct{ checkpoint, account string }
	seen := map[key]bool{}
	for _, t := range gs.Taints {
		c, known := g.checkpoints[t.Checkpoint]
		if !known || c.Model != t.Model || c.Position != t.Position || t.Account == "" {
			return ErrGenesis.Wrapf("taint of checkpoint %s of model %q by %q at position %d", t.Checkpoint, t.Model, t.Account, t.Position)
		}
		k := key{t.Checkpoint, t.Account}
		if seen[k] {
			return ErrGenesis.Wrapf("taint of checkpoint %s by %s twice", t.Checkpoint, t.Account)
		}
		seen[k] = true
	}
	return nil
}

// index finds what a genesis names.
type index struct {
	models      map[string]Model
	checkpoints map[string]Checkpoint
}

func (g index) model(m Model) error {
	if _, twice := g.models[m.Name]; twice {
		return ErrGenesis.Wrapf("model %q twice", m.Name)
	}
	p := problems{}
	p.account("owner", m.Owner)
	p.model(m.Name, m.Base, m.Tokenizer, m.Genesis, m.Licence, m.MetadataUri, m.MaxShares)
	p.adapter(m.Adapter)
	g.models[m.Name] = m
	return p.err()
}

func (g index) checkpoint(c Checkpoint) error {
	if _, twice := g.checkpoints[c.Digest]; twice {
		return ErrGenesis.Wrapf("checkpoint %s twice", c.Digest)
	}
	if d, err := digest.Parse(c.Digest); err != nil || d.IsZero() {
		return ErrGenesis.Wrapf("checkpoint of model %q: digest", c.Model)
	}
	if _, known := g.models[c.Model]; !known {
		return ErrGenesis.Wrapf("checkpoint %s of unknown model %q", c.Digest, c.Model)
	}
	g.checkpoints[c.Digest] = c
	return nil
}

// lineage walks from the head to the initial adapter; best must be on the way.
func (g index) lineage(m Model) error {
	at, best := m.Head, m.Best == ""
	for range len(g.checkpoints) {
		c, ok := g.checkpoints[at]
		if !ok || c.Model != m.Name {
			return ErrGenesis.Wrapf("model %s: checkpoint %s is missing", m.Name, at)
		}
		best = best || m.Best == c.Digest && c.Evaluation != nil
		if c.Parent == "" {
			if c.Position != 0 {
				return ErrGenesis.Wrapf("model %s: the initial adapter is at position %d", m.Name, c.Position)
			}
			if c.Digest != m.Genesis || !best {
				return ErrGenesis.Wrapf("model %s: genesis or best is not in the lineage", m.Name)
			}
			return nil
		}
		if parent, ok := g.checkpoints[c.Parent]; ok && parent.Position+1 != c.Position {
			return ErrGenesis.Wrapf("model %s: checkpoint %s is at position %d", m.Name, c.Digest, c.Position)
		}
		at = c.Parent
	}
	return ErrGenesis.Wrapf("model %s: the lineage does not end", m.Name)
}

func (gs GenesisState) validateTreasuries(g index) error {
	sums, seen := map[string]*Treasury{}, map[[2]string]bool{}
	for name := range g.models {
		t := NewTreasury()
		sums[name] = &t
	}
	for _, e := range gs.Funders {
		t, known := sums[e.Model]
		key := [2]string{e.Model, e.Funder}
		if _, err := sdk.AccAddressFromBech32(e.Funder); err != nil || !known || seen[key] || !e.Funding.valid() {
			return ErrGenesis.Wrapf("funder %q of model %q: contributed %s, drawn %s, by the newest run %s", e.Funder, e.Model,
				e.Funding.Contributed, e.Funding.Drawn, e.Funding.Current)
		}
		seen[key] = true
		t.Contributed, t.Drawn = t.Contributed.Add(e.Funding.Contributed), t.Drawn.Add(e.Funding.Drawn)
		t.Funders++
	}
	if len(gs.Treasuries) != len(g.models) {
		return ErrGenesis.Wrap("every model has one treasury")
	}
	for i, e := range gs.Treasuries {
		t, known := sums[e.Model]
		if !known || i > 0 && gs.Treasuries[i-1].Model >= e.Model {
			return ErrGenesis.Wrapf("treasury of %q is unknown or not sorted", e.Model)
		}
		if e.Treasury.Contributed.IsNil() || e.Treasury.Drawn.IsNil() || e.Treasury.Funders != t.Funders ||
			!t.Contributed.Equal(e.Treasury.Contributed) || !t.Drawn.Equal(e.Treasury.Drawn) {
			return ErrGenesis.Wrapf("treasury of %s: contributed %s, drawn %s, %d funders; its funders add up to %s, %s and %d", e.Model,
				e.Treasury.Contributed, e.Treasury.Drawn, e.Treasury.Funders, t.Contributed, t.Drawn, t.Funders)
		}
	}
	return nil
}

func (f Funding) valid() bool {
	for _, v := range []math.Int{f.Contributed, f.Drawn, f.Current} {
		if v.IsNil() || v.IsNegative() {
			return false
		}
	}
	return f.Current.LTE(f.Drawn) && f.Drawn.LTE(f.Contributed)
}
