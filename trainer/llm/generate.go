package llm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
)

// Sampling says how the next token is drawn. The zero value is greedy.
type Sampling struct {
	Temperature float64 // 0: greedy
	TopP        float64 // 0 or 1: all tokens; else the smallest set whose probability reaches TopP
	Seed        uint64
}

// Generator continues one sequence with a cache of keys and values. Cached decoding gives the bits of a whole forward
// pass, because every element is the same chain.
type Generator struct {
	w      *Work
	k, v   [][]float32 // per layer, [positions][kv*head]
	filled int
	rng    *rand.ChaCha8
	s      Sampling
}

// NewGenerator starts an empty sequence under an adapter (nil: the bare base).
func (m *Model) NewGenerator(ad *lora.Adapter, s Sampling, threads int) *Generator {
	w := m.NewWork(threads)
	w.Use(ad)
	var seed [32]byte
	for i := range 8 {
		seed[i] = byte(s.Seed >> (8 * i))
	}
	return &Generator{w: w, k: make([][]float32, m.Config.Layers), v: make([][]float32, m.Config.Layers), rng: rand.NewChaCha8(seed), s: s}
}

// Extend appends tokens to the sequence and returns the logits [vocab] after the last of them; they are valid until the
// next call.
func (g *Generator) Extend(ids []int32) ([]float32, error) {
	w, c := g.w, g.w.m.Config
	if len(ids) == 0 {
		return nil, errors.New("generate: no tokens to extend with")
	}
	if g.filled+len(ids) > c.MaxPositions {
		return nil, fmt.Errorf("generate: %d tokens exceed the base's %d positions", g.filled+len(ids), c.MaxPositions)
	}
	w.n, w.bad = len(ids), false
	w.ids, w.pos, w.rows = append(w.ids[:0], ids...), w.pos[:0], append(w.rows[:0], len(ids)-1)
	for i, id := range ids {
		if id < 0 || int(id) >= c.Vocab {
			return nil, fmt.Errorf("generate: token id %d is outside the vocabulary of %d", id, c.Vocab)
		}
		w.pos = append(w.pos, g.filled+i)
	}
	w.spans = []exact.Span{{Lo: 0, Len: len(ids)}}
	w.size()
	w.embed()
	for l := range w.m.layers {
		w.forwardLayer(l, func(a *saved) { g.attend(l, a) })
	}
	g.filled += len(ids)
	w.finalNorm()
	return w.logitsOf(1), nil
}

// attend appends the new rows' keys and values to the cache and attends each row to its past.
func (g *Generator) attend(l int, a *saved) {
	w, c := g.w, g.w.m.Config
	qd, kd := c.Heads*c.Head, c.KVHeads*c.Head
	g.k[l] = append(g.k[l][:g.filled*kd], a.k...)
	g.v[l] = append(g.v[l][:g.filled*kd], a.v...)
	if g.filled == 0 {
		w.attendAll(a)
		return
	}
	for t := range w.n {
		w.e.Decode(a.o[t*qd:(t+1)*qd], a.q[t*qd:(t+1)*qd], g.k[l], g.v[l], g.filled+t+1, c.heads())
	}
}

// Pick draws a token from logits. Equal logits go to the smaller id.
func (g *Generator) Pick(logits []float32) int32 {
	best := int32(0)
	for i, v := range logits {
		if v > logits[best] {
			best = int32(i)
		}
	}
	if g.s.Temperature <= 0 {
		return best
	}
	return g.sample(logits, logits[best])
}

// sample draws with probabilities exp((l-max)/temperature) in float64 with our own functions, cut at TopP.
func (g *Generator) sample(logits []float32, top float32) int32 {
	type cand struct {
		id int32
		p  float64
	}
	cs := make([]cand, len(logits))
	total := 0.0
	for i, l := range logits {
		p := 0.0
		if x := (float64(l) - float64(top)) / g.s.Temperature; x > -600 {
			p = exact.Exp64(x)
		}
		cs[i] = cand{int32(i), p}
		total += p
	}
	if g.s.TopP > 0 && g.s.TopP < 1 {
		slices.SortStableFunc(cs, func(a, b cand) int {
			switch {
			case a.p > b.p:
				return -1
			case a.p < b.p:
				return 1
			}
			return int(a.id - b.id)
		})
		want, kept := float64(g.s.TopP*total), 0.0
		for i := range cs {
			if kept += cs[i].p; kept >= want {
				cs = cs[:i+1]
				break
			}
		}
		total = kept
	}
	u := float64(g.rng.Uint64()>>11) / (1 << 53) * total
	for _, c := range cs {
		if u -= c.p; u < 0 {
			return c.id
		}
	}
	return cs[len(cs)-1].id
}

// Probs turns logits into probabilities in place (exact softmax) and returns them.
func (g *Generator) Probs(logits []float32) []float32 {
	e := g.w.e
	s := e.ExpSum(logits, logits, exact.Max(logits))
	r := exact.Recip(s)
	for i := range logits {
		logits[i] *= r
	}
	return logits
}

// Generate extends the sequence by prompt and then token by token, until a token of stop, limit tokens, or the end of
// the positions; each token is given to emit (nil: none), which may end the generation by returning false.
func (g *Generator) Generate(prompt []int32, limit int, stop []int, emit func(int32) bool) ([]int32, error) {
	logits, err := g.Extend(prompt)
	if err != nil {
		return nil, err
	}
	var out []int32
	for len(out) < limit {
		id := g.Pick(logits)
		if slices.Contains(stop, int(id)) {
			break
		}
		out = append(out, id)
		if emit != nil && !emit(id) || len(out) == limit || g.filled == g.w.m.Config.MaxPositions {
			break
		}
		if logits, err = g.Extend([]int32{id}); err != nil {
			return out, err
		}
	}
	return out, nil
}
