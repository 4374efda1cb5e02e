package replay_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/loss"
	"github.com/weftnet/weft/trainer/optim"
	"github.com/weftnet/weft/trainer/replay"
)

// However a step's batch is divided over passes, its gradient and losses have the same bits, and they are those of replay.Job.
func TestDivisionOfABatchChangesNoBit(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.Batch = 7
	j, w := f.Job(t, 1), f.Model.NewWork(1)
	ad := j.Start.Adapter.Clone()
	for i := range ad.Params {
		ad.Params[i] += float32(i%5) * 1e-3 // so that factor A has a gradient
	}
	batch, n := j.Batch(3), len(ad.Params)
	var want []float32
	var losses []float32
	for _, size := range []int{7, 1, 2, 3, 5} {
		grad := make([]float32, n)
		var nll []float32
		for lo := 0; lo < len(batch); lo += size {
			l, err := w.Grad(grad, ad, nil, batch[lo:min(len(batch), lo+size)])
			if err != nil || !l.Finite {
				t.Fatal(err)
			}
			nll = append(nll, l.NLL...)
		}
		if want == nil {
			want, losses = grad, nll
		}
		if !sameBits(grad, want) || !sameBits(nll, losses) {
			t.Errorf("passes of %d sequences give other bits", size)
		}
	}
	s := replay.Snapshot{slices.Clone(ad.Params), optim.NewMoments(n)}
	got, err := j.Step(w, ad.Clone(), s, make([]float32, n), 3)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range losses {
		sum += float64(v)
	}
	moment := optim.NewMoments(n)
	norm, _ := optim.New(replay.Inner(j.Spec)).Step(nil, ad, moment, want, len(losses), 3)
	if got.Loss != sum/float64(len(losses)) || got.Norm != norm || !sameBits(s.Params, ad.Params) || !sameBits(s.Moments.V, moment.V) {
		t.Errorf("the job's step: %+v, want loss %g and norm %g", got, sum/float64(len(losses)), norm)
	}
}

// TestStepOfAnExpression: the divisor is the number of sequences with an answer, and the division into passes is not seen.
func TestStepOfAnExpression(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.Loss, f.Spec.Batch = "expr:mean(-(1-exp(logp))^2*logp)", 7
	j, w := f.Job(t, 0), f.Model.NewWork(0)
	ad := j.Start.Adapter.Clone()
	e, err := loss.FromSpec(j.Spec.Loss)
	if err != nil {
		t.Fatal(err)
	}
	grad, sum, sequences := make([]float32, len(ad.Params)), 0.0, 0
	for _, q := range j.Batch(2) {
		l, err := w.Grad(grad, ad, e, []llm.Sequence{q})
		if err != nil || !l.Finite {
			t.Fatal(err)
		}
		sum, sequences = sum+l.Value, sequences+l.Sequences
	}
	s := replay.Snapshot{slices.Clone(ad.Params), optim.NewMoments(len(ad.Params))}
	got, err := j.Step(w, ad.Clone(), s, make([]float32, len(ad.Params)), 2)
	if err != nil {
		t.Fatal(err)
	}
	norm, _ := optim.New(replay.Inner(j.Spec)).Step(nil, ad, optim.NewMoments(len(ad.Params)), grad, sequences, 2)
	if sequences == 0 || got.Loss != sum/float64(sequences) || got.Norm != norm || !sameBits(s.Params, ad.Params) {
		t.Errorf("the job's step: %+v, want loss %g and norm %g of %d sequences", got, sum/float64(sequences), norm, sequences)
	}
}

func TestUnusableLossIsRefused(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.Loss = "expr:mean(log(logp))"
	j := f.Job(t, 0)
	if _, err := j.Step(f.Model.NewWork(0), j.Start.Adapter.Clone(), replay.Snapshot{}, nil, 0); !errors.Is(err, loss.ErrNotFinite) {
		t.Errorf("a step of it: %v", err)
	}
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

func TestEvaluationDoesNotDependOnOrder(t *testing.T) {
	f := tinyrun.New(t)
	ad, set := f.First(t).Adapter, &data.TokenSet{Sequences: slices.Clone(f.Eval.Sequences)}
	want, tokens, err := replay.Evaluate(t.Context(), f.Model.NewWork(1), ad, f.Eval, tinyrun.SeqLen)
	if err != nil || tokens == 0 || want == 0 {
		t.Fatal(want, tokens, err)
	}
	for i := range 4 {
		rand.Shuffle(len(set.Sequences), func(i, j int) { set.Sequences[i], set.Sequences[j] = set.Sequences[j], set.Sequences[i] })
		got, n, err := replay.Evaluate(t.Context(), f.Model.NewWork(1+i%2), ad, set, tinyrun.SeqLen)
		if err != nil || got != want || n != tokens {
			t.Fatalf("%d over %d tokens, want %d over %d (%v)", got, n, want, tokens, err)
		}
	}
	if got, n, err := replay.Evaluate(t.Context(), f.Model.NewWork(1), ad, &data.TokenSet{}, tinyrun.SeqLen); got != 0 || n != 0 || err != nil {
		t.Fatal(got, n, err)
	}
}

// Sequences beyond the run's length are cut, for training as for evaluation, and no record is dealt twice in an epoch.
func TestBatches(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.SeqLen = 20
	seen := map[*int32]bool{}
	for slot := range uint32(3) {
		j, n := f.Job(t, slot), uint64(0)
		for step := range f.Spec.InnerSteps {
			for _, q := range j.Batch(step) {
				if len(q.IDs) > 20 || len(q.Loss) != len(q.IDs) || seen[&q.IDs[0]] {
					t.Fatalf("slot %d step %d: %d tokens, seen before: %t", slot, step, len(q.IDs), seen[&q.IDs[0]])
				}
				seen[&q.IDs[0]] = true
				n += uint64(q.Answer())
			}
			if got := j.Tokens(step + 1); got != n {
				t.Fatalf("%d tokens in %d steps, want %d", got, step+1, n)
			}
		}
	}
	if len(seen) != int(3*f.Spec.InnerSteps*f.Spec.Batch) {
		t.Fatal(len(seen))
	}
}

// A step without a single answer token is a no-op that is marked as one, and an evaluation passes over such a record.
func TestStepWithoutAnswers(t *testing.T) {
	f := tinyrun.New(t)
	set := &data.TokenSet{}
	for _, q := range f.Train.Sequences {
		set.Sequences = append(set.Sequences, llm.Sequence{IDs: q.IDs, Loss: make([]bool, len(q.IDs))})
	}
	f.Train = set
	j := f.Job(t, 0)
	s := replay.Snapshot{slices.Clone(j.Start.Adapter.Params), optim.NewMoments(len(j.Start.Adapter.Params))}
	r, err := j.Step(f.Model.NewWork(1), j.Start.Adapter.Clone(), s, make([]float32, len(s.Params)), 0)
	if err != nil || !r.Noop || s.Moments.T != 0 || !sameBits(s.Params, j.Start.Adapter.Params) {
		t.Fatalf("%+v %v", r, err)
	}
	mixed := &data.TokenSet{Sequences: append(slices.Clone(set.Sequences[:2]), f.Eval.Sequences...)}
	want, tokens, err := replay.Evaluate(t.Context(), f.Model.NewWork(1), j.Start.Adapter, f.Eval, tinyrun.SeqLen)
	if err != nil {
		t.Fatal(err)
	}
	if got, n, err := replay.Evaluate(t.Context(), f.Model.NewWork(1), j.Start.Adapter, mixed, tinyrun.SeqLen); got != want || n != tokens || err != nil {
		t.Fatalf("%d over %d, want %d over %d (%v)", got, n, want, tokens, err)
	}
}
