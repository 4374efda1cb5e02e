package optim

import (
	"fmt"
	"math"

	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
)

// AdamW are the hyperparameters of Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.
type AdamW struct {
	LR, Beta1, Beta2, Eps, WeightDecay float64
	Clip                               float64 // bound of the global gradient norm per answer token; 0: none
	Warmup                             int     // steps of linear warm-up
	Schedule                           string  // constant, linear or cosine (to zero at Total)
	Total                              int     // steps of the whole run, for schedules that end
}

// Validate names the first hyperparameter that cannot be used.
func (c AdamW) Validate() error {
	switch {
	case !(c.LR > 0 && c.LR < 10):
		return fmt.Errorf("learning rate %g must be between 0 and 10", c.LR)
	case !(c.Beta1 >= 0 && c.Beta1 < 1) || !(c.Beta2 >= 0 && c.Beta2 < 1):
		return fmt.Errorf("betas %g and %g must be in [0,1)", c.Beta1, c.Beta2)
	case !(c.Eps > 0):
		return fmt.Errorf("epsilon %g must be positive", c.Eps)
	case c.WeightDecay < 0 || c.Clip < 0 || c.Warmup < 0:
		return fmt.Errorf("weight decay %g, clip %g and warm-up %d must not be negative", c.WeightDecay, c.Clip, c.Warmup)
	case c.Schedule != "constant" && c.Schedule != "linear" && c.Schedule != "cosine":
		return fmt.Errorf("unknown schedule %q: constant, linear or cosine", c.Schedule)
	}
	return nil
}

// Rate is the learning rate of a step of the run, counted from 0.
func (c AdamW) Rate(step int) float64 {
	if step < c.Warmup {
		return c.LR * float64(step+1) / float64(c.Warmup)
	}
	if c.Schedule == "constant" || c.Total <= c.Warmup {
		return c.LR
	}
	done := min(1, float64(step-c.Warmup)/float64(c.Total-c.Warmup))
	if c.Schedule == "linear" {
		return c.LR * (1 - done)
	}
	_, cos := exact.SinCos64(float64(math.Pi * done))
	return c.LR * float64(0.5*(1+cos))
}

// Moments are the parameters' first and second moments and the number of steps taken since they were zero: what AdamW
// remembers between two steps.
type Moments struct {
	M, V []float32 // [parameters]
	T    int
}

// NewMoments returns zero moments for n parameters.
func NewMoments(n int) *Moments { return &Moments{M: make([]float32, n), V: make([]float32, n)} }

// Runner calls task(0) to task(n-1), perhaps in parallel, and returns when all are done. Which one it is changes no bit.
type Runner func(n int, task func(i int))

// Optimizer takes steps. It keeps working memory between them, so that a step allocates nothing; one goroutine uses it.
type Optimizer struct {
	AdamW

	ad     *lora.Adapter // of the step under way, as are the following
	m      *Moments
	grad   []float32 // [parameters]
	k      constants
	sums   []float64 // squares of every tensor's gradient, [tensors]
	square func(i int)
	update func(i int)
}

// New returns an optimizer with the given hyperparameters.
func New(c AdamW) *Optimizer {
	o := &Optimizer{AdamW: c}
	o.square = func(i int) {
		if name := o.ad.Names()[i]; !o.ad.Frozen(name) {
			lo, hi, _ := o.ad.Range(name)
			o.sums[i] = exact.SumSquares(o.grad[lo:hi])
		}
	}
	o.update = func(i int) {
		if name := o.ad.Names()[i]; !o.ad.Frozen(name) {
			lo, hi, _ := o.ad.Range(name)
			o.k.elements(o.ad.Params[lo:hi], o.m.M[lo:hi], o.m.V[lo:hi], o.grad[lo:hi])
		}
	}
	return o
}

// Step updates the adapter's trained parameters and their moments in place from a gradient summed over tokens answer tokens,
// at the given step of the run, and returns the gradient's norm per token before clipping. A gradient of zero tokens, or one
// that is not finite, changes nothing; ok is then false. run (nil: one task after the other) is only used during the call.
func (o *Optimizer) Step(run Runner, ad *lora.Adapter, m *Moments, grad []float32, tokens, step int) (norm float64, ok bool) {
	if tokens == 0 {
		return 0, false
	}
	if run == nil {
		run = serially
	}
	o.ad, o.m, o.grad = ad, m, grad
	norm = o.norm(run, tokens)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return 0, false
	}
	m.T++
	scale := 1.0
	if o.Clip > 0 {
		scale = min(1, o.Clip/(norm+1e-6))
	}
	o.k = o.constants(m.T, step)
	o.k.gs = float32(scale / float64(tokens))
	run(len(o.sums), o.update)
	return norm, true
}

// norm is the Euclidean norm of a summed gradient divided by tokens: squares in float64 (exact), sixteen lanes per
// tensor, a fixed tree, tensors in name order. Frozen tensors do not count.
func (o *Optimizer) norm(run Runner, tokens int) float64 {
	if len(o.sums) != len(o.ad.Names()) {
		o.sums = make([]float64, len(o.ad.Names()))
	}
	clear(o.sums)
	run(len(o.sums), o.square)
	sum := 0.0
	for _, x := range o.sums {
		sum += x
	}
	return math.Sqrt(sum) / float64(tokens)
}

func serially(n int, task func(i int)) {
	for i := range n {
		task(i)
	}
}

// constants are a step's scalars, computed in float64 and rounded once.
type constants struct{ gs, b1, nb1, b2, nb2, a, rb2, eps, w float32 }

func (c AdamW) constants(t, step int) constants {
	p1, p2 := 1.0, 1.0
	for range t {
		p1 *= c.Beta1
		p2 *= c.Beta2
	}
	lr := c.Rate(step)
	return constants{b1: float32(c.Beta1), nb1: float32(1 - c.Beta1), b2: float32(c.Beta2), nb2: float32(1 - c.Beta2),
		a: float32(lr / (1 - p1)), rb2: float32(1 / math.Sqrt(1-p2)), eps: float32(c.Eps), w: float32(1 - float64(lr*c.WeightDecay))}
}

func (k constants) elements(p, m, v, grad []float32) {
	for i, g := range grad {
		g = float32(g * k.gs)
		m[i] = exact.FMA(k.b1, m[i], float32(k.nb1*g))
		v[i] = exact.FMA(k.b2, v[i], float32(float32(k.nb2*g)*g))
		d := exact.FMA(float32(math.Sqrt(float64(v[i]))), k.rb2, k.eps)
		p[i] = exact.FMA(p[i], k.w, -(float32(m[i]*k.a) / d))
	}
}
