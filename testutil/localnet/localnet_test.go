package localnet

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/x/round/protocol"
)

func set(t *testing.T, vocab, n int, seed uint64) (*data.TokenSet, ckpt.Digest) {
	t.Helper()
	g := &exact.Gen{State: seed}
	s := &data.TokenSet{Meta: data.Provenance{SeqLen: 32}}
	for range n {
		q := llm.Sequence{IDs: make([]int32, 24), Loss: make([]bool, 24)}
		for i := range q.IDs {
			q.IDs[i], q.Loss[i] = int32(g.Next()%uint64(vocab)), i > 8
		}
		s.Sequences = append(s.Sequences, q)
		s.RecordIDs = append(s.RecordIDs, ckpt.Digest{byte(g.Next()), byte(g.Next()), byte(g.Next()), byte(g.Next())})
	}
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return s, ckpt.Sum(b)
}

func options(t *testing.T) Options {
	t.Helper()
	dir := filepath.Join("../../../shared/data/stories260k")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("shared data is absent: ", err)
	}
	b, err := base.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	e, err := exact.New(exact.BFloat16, 0)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.Load(e)
	if err != nil {
		t.Fatal(err)
	}
	d, err := b.Digest()
	if err != nil {
		t.Fatal(err)
	}
	tok, err := b.TokenizerDigest()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Trainers: 3, BlockTime: 50 * time.Millisecond, Model: m, Base: d, Tok: tok, Name: "tiny", MaxShares: 1_000_000,
		Adapter: ckpt.AdapterSpec{Rank: 4, Alpha: 8, Targets: []string{"q_proj", "v_proj"}}, Spec: DefaultSpec(), Threads: 1}
	o.Train, o.TrainID = set(t, b.Config.Vocab, 200, 1)
	o.Eval, o.EvalID = set(t, b.Config.Vocab, 8, 2)
	o.Spec.InnerSteps, o.Spec.Rounds, o.Spec.MinTrainers = 4, 3, 3
	if testing.Verbose() {
		o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.Tell = func(n trainer.Note) { t.Logf("%+v", n) }
	}
	return o
}

func TestOneRunFromVoteToPay(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	n, err := Start(ctx, options(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := n.CreateModel(ctx); err != nil {
		t.Fatal(err)
	}
	if err := n.Open(ctx); err != nil {
		t.Fatal(err)
	}
	if err := n.StartAll(ctx); err != nil {
		t.Fatal(err)
	}
	for _, w := range n.workers() {
		if err := w.Wait(ctx); err != nil {
			t.Fatal(err)
		}
	}
	end(t, ctx, n, 3)
}

// end checks a finished run: every round settled, everybody paid, the head evaluated.
func end(t *testing.T, ctx context.Context, n *Net, rounds uint64) {
	t.Helper()
	c := n.Trainers[0].Client
	s, _, err := c.State(ctx, n.RunID)
	if err != nil {
		t.Fatal(err)
	}
	if s.Run.Status != protocol.StatusEnded || s.Run.End != protocol.EndRounds {
		t.Fatalf("run is %s (%s)", s.Run.Status, s.Run.End)
	}
	for r := uint64(1); r <= rounds; r++ {
		rs, err := c.Round(ctx, n.RunID, r)
		if err != nil {
			t.Fatal(err)
		}
		if rs.Round.Phase != protocol.PhaseSettled {
			t.Fatalf("round %d is %s", r, rs.Round.Phase)
		}
		for _, p := range rs.Parts {
			if p.Reason != protocol.ReasonPaid {
				t.Errorf("round %d: %s was not paid: %s", r, p.Trainer, p.Reason)
			}
		}
	}
}

var _ trainer.Chain = (*chain.Client)(nil)
