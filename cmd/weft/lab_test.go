package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/cmd/weft/home"
	"github.com/weftnet/weft/devnet/network"
	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/trainer/chain"
	sharetypes "github.com/weftnet/weft/x/share/types"
)

// lab is a chain in this process and weft processes that talk to its RPC port, in a folder with the tiny base.
type lab struct {
	t    *testing.T
	dir  string
	n    *network.Network
	mu   sync.Mutex
	logs map[string]*bytes.Buffer
}

var funder = network.NewAccount("funder")

func newLab(t *testing.T) *lab {
	t.Helper()
	n, err := network.Start(network.Options{Listen: true, BlockTime: 100 * time.Millisecond, Accounts: []network.Account{funder},
		Genesis: streamFast})
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
	return l
}

// streamFast lets revenue reach the holders in a second instead of a day.
func streamFast(cdc codec.JSONCodec, state map[string]json.RawMessage) error {
	var g sharetypes.GenesisState
	if err := cdc.UnmarshalJSON(state[sharetypes.ModuleName], &g); err != nil {
		return err
	}
	g.Params.StreamTime = time.Second
	raw, err := cdc.MarshalJSON(&g)
	state[sharetypes.ModuleName] = raw
	return err
}

// home makes a home with coins and returns its account.
func (l *lab) home(name string, more ...string) string {
	l.t.Helper()
	var made struct{ Address string }
	raw := l.weft(name, append([]string{"init", "--json", "--node", l.n.Nodes[0].RPCAddr, "--chain-id", l.n.ChainID(), "--listen",
		"/ip4/127.0.0.1/tcp/0"}, more...)...)
	if err := json.Unmarshal([]byte(raw), &made); err != nil {
		l.t.Fatal(err)
	}
	l.fund(made.Address, 200_000_000)
	return made.Address
}

func (l *lab) fund(address string, uweft int64) {
	l.t.Helper()
	coins := sdk.NewCoins(sdk.NewCoin(app.BondDenom, math.NewInt(uweft)))
	if _, err := l.n.Send(l.t.Context(), funder, &banktypes.MsgSend{FromAddress: funder.String(), ToAddress: address,
		Amount: coins}); err != nil {
		l.t.Fatal(err)
	}
}

// voter makes a home whose account is the validator's operator.
func (l *lab) voter() {
	l.t.Helper()
	c := home.Default()
	c.Node, c.ChainID, c.Key = l.n.Nodes[0].RPCAddr, l.n.ChainID(), "operator"
	dir := filepath.Join(l.dir, "voter")
	cc, err := home.Context(dir, c)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := cc.Keyring.ImportPrivKeyHex(c.Key, hex.EncodeToString(l.n.Nodes[0].Operator.Key.Bytes()), string(hd.Secp256k1Type)); err != nil {
		l.t.Fatal(err)
	}
	if _, err := home.Make(dir, c, ""); err != nil { // it keeps the key
		l.t.Fatal(err)
	}
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

// fails runs a command that must end with an exit code and say certain things.
func (l *lab) fails(home string, code int, args []string, says ...string) {
	l.t.Helper()
	c := l.command(home, args...)
	text, err := c.CombinedOutput()
	if err == nil || c.ProcessState.ExitCode() != code {
		l.t.Errorf("weft %s: exit code %d (%v), want %d\n%s", strings.Join(args, " "), c.ProcessState.ExitCode(), err, code, text)
	}
	for _, s := range says {
		if !strings.Contains(string(text), s) {
			l.t.Errorf("weft %s does not say %q:\n%s", strings.Join(args, " "), s, text)
		}
	}
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

// client opens a home as a command would.
func (l *lab) client(name string) *chain.Client {
	l.t.Helper()
	s, err := home.Open(context.Background(), filepath.Join(l.dir, name), "")
	if err != nil {
		l.t.Fatal(err)
	}
	return s.Client
}

// write writes a file into the lab's folder.
func (l *lab) write(name, text string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// freeAddr is an address on this machine that nothing listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	c, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.Addr().String()
}

// sets makes the token sets of the tiny base.
func (l *lab) sets() {
	l.t.Helper()
	for name, file := range map[string]string{"train": tiny.Train, "eval": tiny.Eval} {
		l.weft("owner", "data", "build", "--base", tiny.Base, "--data", file, "--seq", "96", "--out", name+".safetensors")
	}
}

// open registers and funds a model, approves the spec and lets governance open a run of it, by commands alone. It returns the
// run's number, which is that of the proposal.
func (l *lab) open(model, settings string) string {
	l.t.Helper()
	file := model + ".yaml"
	l.weft("owner", "model", "new", model, "--base", tiny.Base)
	l.weft("owner", "model", "spec", model, "--data", "train.safetensors", "--eval", "eval.safetensors", "--out", file)
	text, err := os.ReadFile(filepath.Join(l.dir, file))
	if err != nil {
		l.t.Fatal(err)
	}
	l.write(file, string(text)+settings)
	if out := l.weft("owner", "model", "check", file); !strings.Contains(out, "sha256-") {
		l.t.Errorf("check: %s", out)
	}
	l.weft("owner", "model", "proposal", file)
	l.weft("owner", "model", "fund", model, "60WEFT")
	l.weft("owner", "model", "approve", file)
	var made struct{ Proposal uint64 }
	if err := json.Unmarshal([]byte(l.weft("owner", "model", "propose", file, "--json")), &made); err != nil {
		l.t.Fatal(err)
	}
	number := strconv.FormatUint(made.Proposal, 10)
	l.weft("voter", "model", "vote", number, "yes")
	l.until("the run", func() bool { return strings.Contains(l.weft("owner", "runs"), model+" ") })
	return number
}
