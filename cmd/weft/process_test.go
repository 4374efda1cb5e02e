package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"cosmossdk.io/math"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/x/round/protocol"
	sharetypes "github.com/weftnet/weft/x/share/types"
)

// TestProcesses opens a run with the commands of docs/owners.md and trains it with processes of their own; one trainer is
// killed in the middle of its work and started again.
func TestProcesses(t *testing.T) {
	l := newLab(t)
	addrs := map[string]string{}
	for _, home := range []string{"owner", "attester", "trainer1", "trainer2"} {
		addrs[home] = l.home(home)
	}
	l.voter()
	l.sets()
	l.weft("attester", "register")
	l.weft("attester", "link", addrs["attester"], "--from", "operator", "--keyring-dir", filepath.Join(l.dir, "voter"))
	run := l.open("tiny", "inner_steps: 6\nrounds: 3\nmin_trainers: 2\nlearning_rate: 0.005\ntrain_time: 10m\ngrace: 5m\n")

	public := freeAddr(t)
	attester := l.begin("attester", "attest", run, "--base", tiny.Base, "--data", "train.safetensors", "--eval", "eval.safetensors", "--http",
		public, "--json")
	l.until("the attester's start", func() bool { return l.said("attester", `"started"`) })
	first := l.begin("trainer1", "train", run, "--base", tiny.Base, "--data", "train.safetensors", "--json")
	second := l.begin("trainer2", "train", run, "--base", tiny.Base, "--data", "train.safetensors", "--json")
	l.until("a step of the second trainer", func() bool { return l.said("trainer2", `"step"`) })
	if err := second.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = second.Wait()
	second = l.begin("trainer2", "train", run, "--base", tiny.Base, "--data", "train.safetensors", "--json")
	for home, c := range map[string]*exec.Cmd{"trainer1": first, "trainer2": second} {
		if err := c.Wait(); err != nil {
			t.Fatalf("%s: %v", home, err)
		}
	}
	l.until("the attester stays for disputes", func() bool { return l.said("attester", `"staying"`) })
	l.auditFromOutside(run, public, addrs["trainer2"])
	l.weft("nobody", "pull", "tiny", "--node", l.n.Nodes[0].RPCAddr, "--from", "http://"+public, "--out", "pulled")
	l.golden(run, public, addrs["trainer2"])
	l.weft("nobody", "export", "pulled", "--base", tiny.Base, "--out", "adapter")
	if err := attester.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = attester.Wait()
	l.judge(run)
	l.revenue()
}

// auditFromOutside recomputes work from an empty home, with the chain, the base, the token set and an attester's HTTP alone.
func (l *lab) auditFromOutside(run, public, worker string) {
	t := l.t
	from := func(url string) []string {
		return []string{"--base", tiny.Base, "--data", "train.safetensors", "--node", l.n.Nodes[0].RPCAddr, "--from", url}
	}
	url := "http://" + public
	if out := l.weft("nobody", slices.Concat([]string{"audit", run, "2", worker}, from(url))...); !strings.Contains(out,
		"OK: all 2 segments, recomputed from the checkpoint") {
		t.Errorf("audit: %s", out)
	}
	out := l.weft("nobody", slices.Concat([]string{"audit", run, "2", worker, "1"}, from(url))...)
	if !strings.Contains(out, "OK: segment 1, recomputed from the checkpoint") {
		t.Errorf("audit of a segment whose trainer has gone: %s", out)
	}
	if _, err := os.Stat(filepath.Join(l.dir, "nobody")); err == nil {
		t.Error("an audit made a home")
	}
	l.fails("nobody", 1, slices.Concat([]string{"audit", run, "2", "weft1nobody"}, from(url)), "it had no part in round 2", "Fix:")
	l.fails("nobody", 2, slices.Concat([]string{"audit", run, "2", worker}, from("http://127.0.0.1:1")), "nowhere to be had", "Fix:")
	l.fails("nobody", 1, slices.Concat([]string{"audit", run, "2", worker, "9"}, from(url)), "segment 9, the work has 2", "Fix:")
}

// golden holds what commands that read the chain or write to it print for machines against testdata/network.golden.
func (l *lab) golden(run, public, worker string) {
	l.t.Helper()
	read := []string{"--node", l.n.Nodes[0].RPCAddr}
	from := slices.Concat(read, []string{"--from", "http://" + public})
	var b strings.Builder
	for _, x := range []struct {
		name, home string
		args       []string
	}{
		{"runs", "nobody", slices.Concat([]string{"runs"}, read)},
		{"status", "nobody", slices.Concat([]string{"status", run}, read)},
		{"status of an account", "owner", []string{"status", run}},
		{"why", "nobody", slices.Concat([]string{"why", run, "1", worker}, read)},
		{"lineage", "nobody", slices.Concat([]string{"lineage", "tiny"}, read)},
		{"audit", "nobody", slices.Concat([]string{"audit", run, "2", worker, "--base", tiny.Base, "--data", "train.safetensors"}, from)},
		{"pull", "nobody", slices.Concat([]string{"pull", "tiny", "--head", "--out", "head"}, from)},
		{"model check", "owner", []string{"model", "check", "tiny.yaml", "--node", l.n.Nodes[0].RPCAddr}},
		{"register", "owner", []string{"register"}},
		{"send", "owner", []string{"send", worker, "1uweft"}},
		{"claim", "owner", []string{"claim"}},
	} {
		args := append(x.args, "--json")
		c := l.command(x.home, args...)
		out, _ := c.CombinedOutput() // an error is an event too
		fmt.Fprintf(&b, "weft %s: exit code %d\n%s", x.name, c.ProcessState.ExitCode(), printedShapes(l.t, string(out)))
	}
	compare(l.t, filepath.Join(source, "testdata", "network.golden"), b.String())
}

// judge reads the finished run as people do.
func (l *lab) judge(run string) {
	t := l.t
	if out := l.weft("owner", "runs"); !strings.Contains(out, "ENDED") || !strings.Contains(out, "3 of 3 rounds") {
		t.Errorf("runs: %s", out)
	}
	for _, r := range []string{"1", "2", "3"} {
		if out := l.weft("trainer2", "why", run, r); !strings.Contains(out, protocol.ReasonPaid.String()+": 6 of 6 steps") {
			t.Errorf("why %s: %s", r, out)
		}
	}
	if out := l.weft("owner", "lineage", "tiny"); strings.Count(out, "sha256-") != 4 || strings.Contains(out, "not evaluated") ||
		strings.Count(out, "best") != 1 {
		t.Errorf("lineage: %s", out)
	}
	if out := l.weft("trainer1", "status", run); !strings.Contains(out, "ENDED") || strings.Contains(out, "is owed 0.000000 WEFT") ||
		!strings.Contains(out, "back at ") {
		t.Errorf("status: %s", out)
	}
	if out := l.weft("trainer1", "claim"); !strings.Contains(out, "for work") {
		t.Errorf("claim: %s", out)
	}
	if out := l.weft("trainer1", "claim"); !strings.Contains(out, "nothing to claim now") {
		t.Errorf("claim again: %s", out)
	}
	l.weft("attester", "lineage", "tiny", "--out", "lineage")
	if out := l.weft("owner", "verify", "lineage", "--rebuild", tiny.Base); !strings.Contains(out, "4 checkpoints") {
		t.Errorf("verify: %s", out)
	}
}

// revenue pays revenue in and lets one holder claim with weft and another with the bare message, as weftd tx share claim
// sends it: both get exactly what the chain said they could.
func (l *lab) revenue() {
	t, ctx := l.t, l.t.Context()
	l.weft("owner", "deposit", "tiny", "7654321uweft")
	q := sharetypes.NewQueryClient(l.client("owner").Context())
	l.until("the revenue has streamed", func() bool {
		r, err := q.Pool(ctx, &sharetypes.QueryPoolRequest{Model: "tiny"})
		return err == nil && r.Pool.Streams[0].Pending.IsZero()
	})
	claimed := func() math.Int {
		r, err := q.Pool(ctx, &sharetypes.QueryPoolRequest{Model: "tiny"})
		if err != nil {
			t.Fatal(err)
		}
		return r.Pool.Streams[0].Claimed
	}
	for home, claim := range map[string]func(*chain.Client) error{
		"trainer1": func(*chain.Client) error { l.weft("trainer1", "claim"); return nil },
		"trainer2": func(c *chain.Client) error {
			_, err := c.Send(ctx, &sharetypes.MsgClaim{Holder: c.Address(), Model: "tiny"})
			return err
		},
	} {
		c := l.client(home)
		due, err := q.Claimable(ctx, &sharetypes.QueryClaimableRequest{Holder: c.Address(), Model: "tiny"})
		if err != nil {
			t.Fatal(err)
		}
		before := claimed()
		if err := claim(c); err != nil {
			t.Fatal(err)
		}
		if got := claimed().Sub(before); !got.IsPositive() || !got.Equal(due.Coins.AmountOf(app.BondDenom)) {
			t.Errorf("%s claimed %s of %s", home, got, due.Coins)
		}
	}
}
