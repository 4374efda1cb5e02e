package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/devnet/localnet"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/testutil/cheat"
	"github.com/weftnet/weft/trainer/attester"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/mirror"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/runspec"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/x/round/protocol"
)

// weftHere runs a command in this process and returns what it printed and its exit code.
func weftHere(ctx context.Context, args ...string) (string, int) {
	var text bytes.Buffer
	code := execute(ctx, args, &text, &text)
	return text.String(), code
}

// A stranger with an empty home finds what the attesters found, from public bytes alone: which segment was forged, and the
// tensor, element and bits in which it differs first; honest work is confirmed.
func TestAuditOfAForger(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	dir := t.TempDir()
	if err := tiny.Write(dir); err != nil {
		t.Fatal(err)
	}
	var public attester.Public
	o := auditedNet(t, dir)
	o.Trainer = func(name string, x *trainer.Config) {
		if name == "trainer2" {
			x.Do = cheat.Inject(1)
		}
	}
	o.Attester = func(_ string, a *attester.Config) { public = attester.Public{a.Config} }
	n, err := localnet.Start(ctx, o)
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
	forger, honest := n.Trainers[2].Account.String(), n.Trainers[0].Account.String()
	for convicted := false; !convicted; time.Sleep(100 * time.Millisecond) {
		if r, err := n.Trainers[0].Client.Round(ctx, n.RunID, 1); err == nil {
			for _, p := range r.Parts {
				convicted = convicted || string(p.Trainer) == forger && p.Reason == protocol.ReasonFraud
			}
		}
		if ctx.Err() != nil {
			t.Fatal("the forger was never convicted")
		}
	}
	srv := httptest.NewServer(mirror.Handler(public))
	defer srv.Close()
	garbage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "weftserv, but not really") }))
	defer garbage.Close()
	audit := func(worker string, segment ...string) (string, int) {
		args := append([]string{"audit", "1", "1", worker}, segment...)
		return weftHere(ctx, append(args, "--home", filepath.Join(dir, "nobody"), "--base", filepath.Join(dir, tiny.Base), "--data",
			filepath.Join(dir, "train.safetensors"),
			"--node", n.Nodes[0].RPCAddr, "--from", garbage.URL, "--from", srv.URL)...)
	}
	for _, c := range []struct {
		worker, segment string
		code            int
		says            []string
	}{
		{honest, "", 0, []string{"OK: all 2 segments, recomputed from the checkpoint"}},
		{honest, "1", 0, []string{"OK: segment 1, from the snapshot that its trainer serves"}},
		{forger, "0", 0, []string{"OK: segment 0"}},
		{forger, "1", int(operror.Fraud), []string{"FORGED: segment 1, from the snapshot that its trainer serves", "segment   1 (steps 3 to 4)",
			"first     base_model.", "element 3: 0x", "Fix:   it is convicted already"}},
		{forger, "", int(operror.Fraud), []string{"FORGED: all 2 segments, recomputed from the checkpoint", "element 3: 0x", "1 of 1 slots"}},
	} {
		var args []string
		if c.segment != "" {
			args = []string{c.segment}
		}
		text, code := audit(c.worker, args...)
		t.Logf("exit code %d\n%s", code, text)
		for _, s := range c.says {
			if !strings.Contains(text, s) {
				t.Errorf("segment %q: %q is missing in:\n%s", c.segment, s, text)
			}
		}
		if code != c.code {
			t.Errorf("segment %q: exit code %d, want %d\n%s", c.segment, code, c.code, text)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "nobody")); err == nil {
		t.Error("an audit made a home")
	}
}

// auditedNet is a network with one attester and three trainers whose segments are all audited.
func auditedNet(t *testing.T, dir string) localnet.Options {
	t.Helper()
	b, err := base.Open(filepath.Join(dir, tiny.Base))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	e, err := exact.New(exact.BFloat16, 1)
	if err != nil {
		t.Fatal(err)
	}
	o := localnet.Options{Trainers: 3, BlockTime: 50 * time.Millisecond, Name: "tiny", MaxShares: 1_000_000, Threads: 1, Listen: true,
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
	if o.Train, err = readSet(b, filepath.Join(dir, tiny.Train), 64, 100, ""); err != nil {
		t.Fatal(err)
	}
	if o.Eval, err = readSet(b, filepath.Join(dir, tiny.Eval), 64, 4, ""); err != nil {
		t.Fatal(err)
	}
	raw, err := o.Train.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "train.safetensors"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	o.TrainID = digest.Sum(raw)
	if raw, err = o.Eval.Encode(); err != nil {
		t.Fatal(err)
	}
	o.EvalID = digest.Sum(raw)
	o.Spec.SeqLen, o.Spec.InnerSteps, o.Spec.Segment, o.Spec.Batch, o.Spec.Audits = 64, 4, 2, 2, 2
	o.Spec.Rounds, o.Spec.MinTrainers, o.Spec.Budget = 400, 3, 400*o.Spec.RewardPerRound // the forger is in round 1
	return o
}
