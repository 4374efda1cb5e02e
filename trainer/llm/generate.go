package llm

import (
	"errors"
	"fmt"
	"slices"

	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
)

// Generator continues sequences with a cache of keys and values for each. Cached decoding gives the bits of a whole
// forward pass, because every element is the same chain; nor do sequences in one batch change each other's.
type Generator struct {
	w      *Work
	s      Sampling
	seqs   []*cachedSequence
	caches []*exact.KV // of the layer under way, [sequences of the batch]
	batch  []int       // numbers of the batch's sequences
}

// cachedSequence is one sequence's past.
type cachedSequence struct {
	kv      []*exact.KV // [layers]
	filled  int
	sampler *sampler
}

// NewGenerator starts n empty sequences under an adapter (nil: the bare base).
func (m *Model) NewGenerator(ad *lora.Adapter, s Sampling, threads, n int) *Generator {
	w := m.NewWork(threads)
	w.Use(ad)
	g := &Generator{w: w, s: s}
	for i := range n {
		q := &cachedSequence{sampler: newSampler(s, i)}
		for range m.Config.Layers {
			q.kv = append(q.kv, exact.NewKV(m.Config.heads()))
		}
		g.seqs = append(g.seqs, q)
	}
	return g
}

// Extend appends tokens ids [tokens] to the first sequence and returns the logits [vocab] after the last of them; they are
// valid until the next call.
func (g *Generator) Extend(ids []int32) ([]float32, error) {
	l, err := g.ExtendBatch([]int{0}, [][]int32{ids})
	if err != nil {
		return nil, err
	}
	return l[0], nil
}

// ExtendBatch appends tokens ids [sequences][tokens] to the sequences of numbers seqs [sequences] and returns the logits
// [sequences][vocab] after the last of each; they are valid until the next call.
func (g *Generator) ExtendBatch(seqs []int, ids [][]int32) ([][]float32, error) {
	w := g.w
	w.n = 0
	w.ids, w.pos, w.rows, w.spans = w.ids[:0], w.pos[:0], w.rows[:0], w.spans[:0]
	for i, s := range seqs {
		if err := g.lay(g.seqs[s], ids[i]); err != nil {
			return nil, err
		}
	}
	g.batch = seqs
	w.reset()
	w.size(false)
	w.layers(g.attend)
	for i, s := range seqs {
		g.seqs[s].filled += len(ids[i])
	}
	w.finalNorm()
	flat, ld := w.logitsOf(len(seqs))
	logits := make([][]float32, len(seqs))
	for i := range logits {
		logits[i] = flat[i*ld:][:w.m.Config.Vocab]
	}
	return logits, nil
}

// lay appends a sequence's new tokens to the rows.
func (g *Generator) lay(s *cachedSequence, ids []int32) error {
	w, c := g.w, g.w.m.Config
	if len(ids) == 0 {
		return errors.New("generate: no tokens to extend with")
	}
	if s.filled+len(ids) > c.MaxPositions {
		return fmt.Errorf("generate: %d tokens exceed the base's %d positions", s.filled+len(ids), c.MaxPositions)
	}
	for i, id := range ids {
		if id < 0 || int(id) >= c.Vocab {
			return fmt.Errorf("generate: token id %d is outside the vocabulary of %d", id, c.Vocab)
		}
		w.pos = append(w.pos, s.filled+i)
	}
	w.ids = append(w.ids, ids...)
	w.spans = append(w.spans, exact.Span{Lo: w.n, Len: len(ids)})
	w.n += len(ids)
	w.rows = append(w.rows, w.n-1)
	return nil
}

// attend appends the new rows' keys and values to the caches and attends each row to its past.
func (g *Generator) attend() {
	w := g.w
	g.caches = g.caches[:0]
	for _, s := range g.batch {
		g.caches = append(g.caches, g.seqs[s].kv[w.l])
	}
	a := w.act[w.l]
	w.attn.Extend(a.o, a.q, a.k, a.v, w.n, w.spans, g.caches)
}

// Pick draws the first sequence's next token from logits [vocab]. Equal logits go to the smaller id.
func (g *Generator) Pick(logits []float32) int32 { return g.seqs[0].sampler.pick(logits) }

// Probs turns logits [vocab] into probabilities in place (exact softmax) and returns them.
func (g *Generator) Probs(logits []float32) []float32 {
	t := g.w.e.Thread()
	s := t.ExpSum(logits, logits, t.Max(logits))
	t.Mul(logits, logits, exact.Recip(s))
	return logits
}

// Generate extends the first sequence by prompt [tokens] and then token by token, until a token of stop, limit tokens, or
// the end of the positions; each token is given to emit (nil: none), which may end the generation by returning false. It
// returns the new ones [tokens].
func (g *Generator) Generate(prompt []int32, limit int, stop []int, emit func(int32) bool) ([]int32, error) {
	out, err := g.GenerateBatch([][]int32{prompt}, limit, stop, func(_ int, id int32) bool { return emit == nil || emit(id) })
	if out == nil {
		return nil, err
	}
	return out[0], err
}

// GenerateBatch is Generate for as many sequences as there are prompts [sequences][tokens], all at once. What a sequence
// gets depends on its prompt, and if sampled on its number, but not on the others.
func (g *Generator) GenerateBatch(prompts [][]int32, limit int, stop []int, emit func(seq int, id int32) bool) ([][]int32, error) {
	if len(prompts) > len(g.seqs) {
		return nil, fmt.Errorf("generate: %d prompts for %d sequences", len(prompts), len(g.seqs))
	}
	out := make([][]int32, len(prompts))
	active, next := make([]int, len(prompts)), slices.Clone(prompts)
	for i := range active {
		active[i] = i
	}
	for len(active) > 0 && limit > 0 {
		logits, err := g.ExtendBatch(active, next)
		if err != nil {
			return out, err
		}
		var still []int
		next = next[:0]
		for i, s := range active {
			id := g.seqs[s].sampler.pick(logits[i])
			if slices.Contains(stop, int(id)) {
				continue
			}
			out[s] = append(out[s], id)
			if emit != nil && !emit(s, id) || len(out[s]) == limit || g.seqs[s].filled == g.w.m.Config.MaxPositions {
				continue
			}
			still, next = append(still, s), append(next, []int32{id})
		}
		active = still
	}
	return out, nil
}
