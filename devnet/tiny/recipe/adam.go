package main

import (
	"math"

	"github.com/weftnet/weft/trainer/exact"
)

// The optimizer: AdamW (Loshchilov and Hutter, 2019), linear warm-up, cosine to a twentieth of the peak.
const (
	peak   = 6e-3
	warmup = 40
	beta1  = 0.9
	beta2  = 0.95
	eps    = 1e-9
	decay  = 0.05
	clip   = 1.0
)

func rate(step, total int) float64 {
	if step < warmup {
		return peak * float64(step+1) / warmup
	}
	_, c := exact.SinCos64(float64(math.Pi * float64(step-warmup) / float64(total-warmup)))
	return peak * (0.05 + float64(0.475*(1+c)))
}

// update takes one step from gradients summed over tokens.
func (n *net) update(step, total, tokens int) {
	sq := 0.0
	for _, p := range n.all {
		for _, g := range p.g {
			sq += float64(float64(g) * float64(g))
		}
	}
	norm := math.Sqrt(sq) / float64(tokens)
	gs := float32(min(1, clip/(norm+1e-6)) / float64(tokens))
	p1, p2 := 1.0, 1.0
	for range step + 1 {
		p1, p2 = p1*beta1, p2*beta2
	}
	lr := rate(step, total)
	a, rb2 := float32(lr/(1-p1)), float32(1/math.Sqrt(1-p2))
	for _, p := range n.all {
		keep := float32(1)
		if p.decay {
			keep = float32(1 - float64(lr*decay))
		}
		for i, g := range p.g {
			g *= gs
			p.m[i] = float32(beta1*p.m[i]) + float32((1-beta1)*g)
			p.v[i] = float32(beta2*p.v[i]) + float32(float32((1-beta2)*g)*g)
			d := float32(float32(math.Sqrt(float64(p.v[i])))*rb2) + eps
			p.w[i] = float32(p.w[i]*keep) - float32(float32(p.m[i]*a)/d)
		}
	}
}
