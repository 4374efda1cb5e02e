package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/network"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/data"
	modeltypes "github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// lab is a chain in this process and weft processes that talk to its RPC port.
type lab struct {
	t    *testing.T
	dir  string
	n    *network.Network
	mu   sync.Mutex
	logs map[string]*bytes.Buffer
}

// weft runs a command to its end and returns its standard output.
func (l *lab) weft(home string, args ...string) string {
	l.t.Helper()
	c := l.command(home, args...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		l.t.Fatalf("weft %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String()
}

func (l *lab) command(home string, args ...string) *exec.Cmd {
	exe, err := exec.LookPath("weft") // testscript.Main puts it on PATH
	if err != nil {
		l.t.Fatal(err)
	}
	c := exec.Command(exe, append([]string{"--home", filepath.Join(l.dir, home)}, args...)...)
	c.Dir = l.dir
	return c
}

// begin starts a command in the background; its output is kept under the home's name.
func (l *lab) begin(home string, args ...string) *exec.Cmd {
	l.t.Helper()
	c := l.command(home, args...)
	buf := &lockedBuffer{mu: &l.mu, b: new(bytes.Buffer)}
	l.logs[home] = buf.b
	c.Stdout, c.Stderr = buf, buf
	if err := c.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		if c.ProcessState == nil {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
		if l.t.Failed() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.t.Logf("%s:\n%s", home, buf.b.String())
		}
	})
	return c
}

type lockedBuffer struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lab) until(what string, cond func() bool) {
	l.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if cond() {
			return
		}
	}
	l.t.Fatal("timed out: ", what)
}

func (l *lab) said(home, text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.logs[home].String(), text)
}

// TestProcesses opens a run with the commands of docs/owners.md and trains it with processes of their own; one trainer is
// killed in the middle of its work and started again.
func TestProcesses(t *testing.T) {
	ctx := context.Background()
	funder := network.NewAccount("funder")
	n, err := network.Start(network.Options{Listen: true, BlockTime: 100 * time.Millisecond, Accounts: []network.Account{funder}, Genesis: streamFast})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	l := &lab{t: t, dir: t.TempDir(), n: n, logs: map[string]*bytes.Buffer{}}
	if err := tiny.Write(l.dir); err != nil {
		t.Fatal(err)
	}
	for _, home := range []string{"owner", "attester", "trainer1", "trainer2"} {
		var made struct{ Address string }
		raw := l.weft(home, "init", "--json", "--node", n.Nodes[0].RPCAddr, "--chain-id", n.ChainID(), "--listen", "/ip4/127.0.0.1/tcp/0")
		if err := json.Unmarshal([]byte(raw), &made); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Send(ctx, funder, &banktypes.MsgSend{FromAddress: funder.String(), ToAddress: made.Address, Amount: sdk.NewCoins(sdk.NewCoin(app.BondDenom, math.NewInt(200_000_000)))}); err != nil {
			t.Fatal(err)
		}
	}
	for name, file := range map[string]string{"train": tiny.Train, "eval": tiny.Eval} {
		l.weft("owner", "data", "build", "--base", tiny.Base, "--data", file, "--seq", "96", "--out", name+".safetensors")
	}
	run := l.open(ctx, funder)

	public := freeAddr(t)
	attester := l.begin("attester", "attest", run, "--base", tiny.Base, "--data", "train.safetensors", "--eval", "eval.safetensors", "--http", public, "--json")
	l.until("the attester's start", func() bool { return l.said("attester", `"started"`) })
	op := n.Nodes[0].Operator
	addr := l.client("attester").Address()
	if _, err := n.Send(ctx, op, &workertypes.MsgLinkValidator{Operator: op.ValAddress().String(), Worker: addr}); err != nil {
		t.Fatal(err)
	}
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
	l.auditFromOutside(run, public)
	if err := attester.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = attester.Wait()
	l.judge(run)
	l.revenue(ctx, funder)
}

// open registers and funds the model, approves the spec and lets governance open the run.
func (l *lab) open(ctx context.Context, funder network.Account) string {
	t := l.t
	l.weft("owner", "model", "new", "tiny", "--base", tiny.Base)
	digest := func(file string) string {
		_, d, err := data.LoadTokenSet(filepath.Join(l.dir, file))
		if err != nil {
			t.Fatal(err)
		}
		return d.String()
	}
	spec := "model: tiny\ntokens: " + digest("train.safetensors") + "\neval: " + digest("eval.safetensors") +
		"\ninner_steps: 6\nrounds: 3\nmin_trainers: 2\nsequence_len: 96\nlearning_rate: 0.005\ntrain_time: 10m\ngrace: 5m\n"
	if err := os.WriteFile(filepath.Join(l.dir, "spec.yaml"), []byte(spec), 0o644); err != nil {
		t.Fatal(err)
	}
	l.weft("owner", "model", "check", "spec.yaml")
	l.weft("owner", "model", "proposal", "spec.yaml")
	s, err := readSpec(filepath.Join(l.dir, "spec.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	d := s.Digest()
	owner := l.client("owner")
	if _, err := owner.Send(ctx, &modeltypes.MsgFund{Funder: owner.Address(), Model: "tiny", Amount: sdk.NewCoin(app.BondDenom, math.NewInt(int64(s.Budget)))},
		&modeltypes.MsgApproveRun{Owner: owner.Address(), Model: "tiny", Spec: d.Text()}); err != nil {
		t.Fatal(err)
	}
	var proposal struct {
		Messages []json.RawMessage `json:"messages"`
	}
	raw, err := os.ReadFile(filepath.Join(l.dir, "proposal.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &proposal); err != nil {
		t.Fatal(err)
	}
	var msg sdk.Msg
	if err := owner.Context().Codec.UnmarshalInterfaceJSON(proposal.Messages[0], &msg); err != nil {
		t.Fatal(err)
	}
	if _, err := l.n.Propose(ctx, "run", msg); err != nil {
		t.Fatal(err)
	}
	if _, ok := msg.(*roundtypes.MsgOpenRun); !ok {
		t.Fatalf("the proposal holds %T", msg)
	}
	return "1"
}

// revenue pays revenue in and lets one holder claim with weft and another with the bare message, as weftd tx share claim
// sends it: both get exactly what the chain said they could.
func (l *lab) revenue(ctx context.Context, funder network.Account) {
	t := l.t
	if _, err := l.n.Send(ctx, funder, &sharetypes.MsgDeposit{Depositor: funder.String(), Model: "tiny", Amount: sdk.NewInt64Coin(app.BondDenom, 7_654_321)}); err != nil {
		t.Fatal(err)
	}
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

// client opens a home as a command would.
func (l *lab) client(home string) *chain.Client {
	l.t.Helper()
	dir := filepath.Join(l.dir, home)
	cfg, err := readConfig(dir)
	if err != nil {
		l.t.Fatal(err)
	}
	cc, err := newContext(dir, cfg)
	if err != nil {
		l.t.Fatal(err)
	}
	c, err := chain.New(cc, cfg.Key, cfg.GasPrices)
	if err != nil {
		l.t.Fatal(err)
	}
	return c
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
	if out := l.weft("owner", "lineage", "tiny"); strings.Count(out, "sha256-") != 4 || strings.Contains(out, "not evaluated") {
		t.Errorf("lineage: %s", out)
	}
	if out := l.weft("trainer1", "status", run); !strings.Contains(out, "ENDED") || strings.Contains(out, "is owed 0uweft") {
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
