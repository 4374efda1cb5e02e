package llm

import (
	"math/rand/v2"
	"slices"

	"github.com/weftnet/weft/trainer/exact"
)

// Sampling says how the next token is drawn. The zero value is greedy.
type Sampling struct {
	Temperature float64 // 0: greedy
	TopK        int     // 0: all tokens; else the TopK most probable ones
	TopP        float64 // 0 or 1: all tokens; else the smallest set whose probability reaches TopP
	Seed        uint64  // sequence i of a batch draws from the stream of (Seed, i)
}

// sampler draws one sequence's tokens. It computes in float64 with this module's own functions, so that a seed gives the
// same tokens on every processor.
type sampler struct {
	s     Sampling
	rng   *rand.ChaCha8
	cands []candidate // [tokens that may be drawn], with their probabilities, not normalised
}

type candidate struct {
	id int32
	p  float64
}

func newSampler(s Sampling, sequence int) *sampler {
	var seed [32]byte
	for i := range 8 {
		seed[i], seed[8+i] = byte(s.Seed>>(8*i)), byte(sequence>>(8*i))
	}
	return &sampler{s: s, rng: rand.NewChaCha8(seed)}
}

// pick draws a token from logits [vocab]; equal logits go to the smaller id.
func (s *sampler) pick(logits []float32) int32 {
	best := int32(0)
	for i, v := range logits {
		if v > logits[best] {
			best = int32(i)
		}
	}
	if s.s.Temperature <= 0 {
		return best
	}
	total := s.probabilities(logits, logits[best])
	u := float64(s.rng.Uint64()>>11) / (1 << 53) * total
	for _, c := range s.cands {
		if u -= c.p; u < 0 {
			return c.id
		}
	}
	return s.cands[len(s.cands)-1].id
}

// probabilities sets the candidates with exp((l-top)/temperature) of logits [vocab], cut at TopK and TopP, and returns
// their sum.
func (s *sampler) probabilities(logits []float32, top float32) (total float64) {
	s.cands = s.cands[:0]
	for i, l := range logits {
		if x := (float64(l) - float64(top)) / s.s.Temperature; x > -600 {
			p := exact.Exp64(x)
			s.cands = append(s.cands, candidate{int32(i), p})
			total += p
		}
	}
	nucleus := s.s.TopP > 0 && s.s.TopP < 1
	if !nucleus && s.s.TopK <= 0 {
		return total
	}
	slices.SortFunc(s.cands, func(a, b candidate) int {
		switch {
		case a.p > b.p:
			return -1
		case a.p < b.p:
			return 1
		}
		return int(a.id - b.id)
	})
	if s.s.TopK > 0 && s.s.TopK < len(s.cands) {
		s.cands, total = s.cands[:s.s.TopK], 0
		for _, c := range s.cands {
			total += c.p
		}
	}
	if !nucleus {
		return total
	}
	want, kept := float64(s.s.TopP*total), 0.0
	for i, c := range s.cands {
		if kept += c.p; kept >= want {
			s.cands = s.cands[:i+1]
			break
		}
	}
	return kept
}
