package oracle

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/lora"
)

// Grad returns the summed negative log-likelihood (natural logarithm) of a sequence's answer tokens under a base and an
// adapter, and its gradient with respect to every parameter of the adapter, in the order of ad.Params.
func Grad(c llm.Config, w llm.Weights, ad *lora.Adapter, q llm.Sequence) (loss float64, grad []float64, err error) {
	d := &decoder{graph: graph{g: G.NewGraph()}, c: c, w: w, ad: ad, rows: len(q.IDs) - 1, factors: map[string]*G.Node{}}
	out := d.loss(q)
	if d.err != nil {
		return 0, nil, fmt.Errorf("oracle: %w", d.err)
	}
	names := ad.Names()
	with := make(G.Nodes, len(names))
	for i, n := range names {
		with[i] = d.factors[n]
	}
	nodes, err := G.Grad(out, with...)
	if err != nil {
		return 0, nil, fmt.Errorf("oracle: differentiating: %w", err)
	}
	vm := G.NewTapeMachine(d.g)
	if err := vm.RunAll(); err != nil {
		return 0, nil, fmt.Errorf("oracle: running: %w", err)
	}
	grad = make([]float64, len(ad.Params))
	for i, n := range names {
		lo, hi, _ := ad.Range(n)
		if copy(grad[lo:hi], nodes[i].Value().Data().([]float64)) != hi-lo {
			return 0, nil, fmt.Errorf("oracle: gradient of %s has the wrong size", n)
		}
	}
	return out.Value().Data().(float64), grad, vm.Close()
}

func (d *decoder) loss(q llm.Sequence) *G.Node {
	c := d.c
	d.constants()
	embed, _, err := d.w.Tensor("model.embed_tokens.weight")
	if err != nil {
		return d.keep(nil, err)
	}
	x := d.input("x", filled(d.rows, c.Hidden, func(t, i int) float64 { return float64(embed[int(q.IDs[t])*c.Hidden+i]) }), d.rows, c.Hidden)
	for l := range c.Layers {
		p := fmt.Sprintf("model.layers.%d.", l)
		x = d.add(x, d.attention(l, d.norm(p+"input_layernorm.weight", x)))
		x = d.add(x, d.mlp(l, d.norm(p+"post_attention_layernorm.weight", x)))
	}
	head := "lm_head.weight"
	if c.Tied {
		head = "model.embed_tokens.weight"
	}
	p := d.softmax(d.mul(d.norm("model.norm.weight", x), d.t(d.weight(head, c.Vocab, c.Hidden))))
	pick := where(d.rows, c.Vocab, func(t, v int) bool { return q.Loss[t+1] && int(q.IDs[t+1]) == v })
	return d.times(d.total(d.each(d.log(p), d.input("labels", pick, d.rows, c.Vocab))), -1)
}

// Differences returns, by tensor name, the relative L2 difference ‖got - want‖ / ‖want‖ of two gradients over an
// adapter's parameters; it is infinite where want is zero and got is not.
func Differences(ad *lora.Adapter, got []float32, want []float64) map[string]float64 {
	out := map[string]float64{}
	for _, name := range ad.Names() {
		lo, hi, _ := ad.Range(name)
		num, den := 0.0, 0.0
		for i := lo; i < hi; i++ {
			num += (float64(got[i]) - want[i]) * (float64(got[i]) - want[i])
			den += want[i] * want[i]
		}
		switch {
		case num == 0:
			out[name] = 0
		case den == 0:
			out[name] = math.Inf(1)
		default:
			out[name] = math.Sqrt(num / den)
		}
	}
	return out
}
