package localnet

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/runspec"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

var _ worker.Chain = (*chain.Client)(nil)

const seqLen = 64

// engine is how a network's workers compute; the zero value is the fastest kernel on one thread.
type engine struct {
	kernel  string
	threads int
}

// options are three trainers that fine-tune the tiny base for four rounds of four small steps.
func options(t *testing.T, how engine) Options {
	t.Helper()
	dir := t.TempDir()
	if err := tiny.Write(dir); err != nil {
		t.Fatal(err)
	}
	b, err := base.Open(filepath.Join(dir, tiny.Base))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	e, err := exact.NewNamed(exact.BFloat16, 0, how.kernel)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Trainers: 3, BlockTime: 50 * time.Millisecond, Name: "tiny", MaxShares: 1_000_000, Threads: max(1, how.threads),
		Adapter: ckpt.AdapterSpec{Rank: 4, Alpha: 8, Targets: []string{"q_proj", "v_proj"}}, Spec: runspec.Default()}
	if o.Model, err = b.Load(e, 0); err != nil {
		t.Fatal(err)
	}
	if o.Base, err = b.Digest(); err != nil {
		t.Fatal(err)
	}
	if o.Tok, err = b.TokenizerDigest(); err != nil {
		t.Fatal(err)
	}
	o.Train, o.TrainID = tokens(t, b, tiny.Train, 200)
	o.Eval, o.EvalID = tokens(t, b, tiny.Eval, 6)
	o.Spec.SeqLen, o.Spec.InnerSteps, o.Spec.Batch, o.Spec.Rounds, o.Spec.MinTrainers = seqLen, 4, 2, 4, 3
	o.Spec.Outer = protocol.Outer{LR: protocol.Nano * 7 / 10, Momentum: protocol.Nano / 2, Nesterov: true}
	o.Spec.Budget = 50_000_000
	if testing.Verbose() {
		o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
		o.Tell = func(e status.Placed) { t.Log(e.Text()) }
	}
	return o
}

// tokens is the token set of the first n records of one of the tiny base's files.
func tokens(t *testing.T, b *base.Base, file string, n int) (*data.TokenSet, digest.Digest) {
	t.Helper()
	raw, err := fs.ReadFile(tiny.FS(), file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfterN(raw, []byte("\n"), n+1)
	ds, err := data.ReadJSONL(bytes.NewReader(bytes.Join(lines[:n], nil)), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	bl, err := b.Builder(seqLen)
	if err != nil {
		t.Fatal(err)
	}
	s, err := bl.Build(ds)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return s, digest.Sum(enc)
}

// start brings a network up as far as the open run; nobody works yet.
func start(t *testing.T, o Options) (*Net, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(cancel)
	n, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	if n.RunID != 0 {
		return n, ctx
	}
	if _, err := n.CreateModel(ctx); err != nil {
		t.Fatal(err)
	}
	if err := n.Open(ctx); err != nil {
		t.Fatal(err)
	}
	return n, ctx
}

// state reads the run through one of the trainers' clients.
func (n *Net) state(t *testing.T, ctx context.Context) *protocol.State {
	t.Helper()
	s, err := n.Trainers[0].Client.Sight(ctx, n.RunID)
	if err != nil {
		t.Fatal(err)
	}
	return s.State
}

// until waits for something to be so on chain, and returns the state in which it is.
func (n *Net) until(t *testing.T, ctx context.Context, what string, so func(*protocol.State) bool) *protocol.State {
	t.Helper()
	for {
		s := n.state(t, ctx)
		if so(s) {
			return s
		}
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s; the run is %s, round %d, %d final: %+v", what, s.Run.Status, s.Run.Current, s.Run.Finals, s.Run.Attesters)
		case <-time.After(30 * time.Millisecond):
		}
	}
}

func startAll(t *testing.T, ctx context.Context, ws ...*Node) {
	t.Helper()
	for _, w := range ws {
		if err := w.Start(ctx); err != nil {
			t.Fatalf("%s: %v", w.Account.Name, err)
		}
	}
}

func stopAll(t *testing.T, ws ...*Node) {
	t.Helper()
	for _, w := range ws {
		if err := w.Stop(); err != nil {
			t.Fatalf("%s: %v", w.Account.Name, err)
		}
	}
}

func waitAll(t *testing.T, ctx context.Context, n *Net) {
	t.Helper()
	for _, w := range n.workers() {
		if err := w.Wait(ctx); err != nil {
			t.Fatalf("%s: %v; %+v", w.Account.Name, err, n.state(t, context.WithoutCancel(ctx)).Run)
		}
	}
}
