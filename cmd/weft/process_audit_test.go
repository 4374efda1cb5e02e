package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/weftnet/weft/devnet/tiny"
	sharetypes "github.com/weftnet/weft/x/share/types"
)

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

// auditFromOutside recomputes work from an empty home, with the chain, the base, the token set and an attester's HTTP alone.
func (l *lab) auditFromOutside(run, public string) {
	t := l.t
	worker := l.client("trainer2").Address()
	args := []string{"audit", run, "2", worker, "--base", tiny.Base, "--data", "train.safetensors", "--node", l.n.Nodes[0].RPCAddr, "--from", "http://" + public}
	if out := l.weft("nobody", args...); !strings.Contains(out, "OK: all 2 segments, recomputed from the checkpoint") {
		t.Errorf("audit: %s", out)
	}
	if out := l.weft("nobody", append(args[:4:4], append([]string{"1"}, args[4:]...)...)...); !strings.Contains(out, "OK: segment 1, recomputed from the checkpoint") {
		t.Errorf("audit of a segment whose trainer has gone: %s", out)
	}
	if _, err := os.Stat(filepath.Join(l.dir, "nobody")); err == nil {
		t.Error("an audit made a home")
	}
	for _, bad := range []struct {
		args []string
		why  string
	}{
		{[]string{"audit", run, "2", "weft1nobody", "--node", l.n.Nodes[0].RPCAddr}, "it had no part in round 2"},
		{append(slices.Clone(args[:len(args)-1]), "http://127.0.0.1:1"), "nowhere to be had"},
		{append(args[:4:4], append([]string{"9"}, args[4:]...)...), "segment 9, the work has 2"},
	} {
		c := l.command("nobody", bad.args...)
		if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), bad.why) || !strings.Contains(string(out), "Fix:") {
			t.Errorf("%v: %v\n%s", bad.args, err, out)
		}
	}
}
