package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/weftnet/weft/devnet/tiny"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// stop ends a background command as a person would.
func (l *lab) stop(c interface{ Wait() error }, p *os.Process) {
	l.t.Helper()
	if err := p.Signal(syscall.SIGINT); err != nil {
		l.t.Fatal(err)
	}
	_ = c.Wait()
}

// What strangers ran into with processes of their own: each kind of mistake is an error at once, or a wait that says what
// ends it, and nothing that works for somebody else stops.
func TestFaultsOfProcesses(t *testing.T) {
	l := newLab(t)
	l.home("owner")
	addr := l.home("attester", "--announce", "/dns4/weft.example/tcp/4650")
	l.voter()
	l.sets()

	t.Run("coins", func(t *testing.T) {
		l.fails("owner", 3, []string{"send", addr, "999999999WEFT"}, "Fix:", "send coins to the account first")
		l.fails("owner", 1, []string{"send", addr, "many"}, "Fix:   write 60WEFT")
		l.fails("owner", 1, []string{"send", "weft1nobody", "1WEFT"}, "Fix:   give an account's address")
	})
	t.Run("sequences", func(t *testing.T) { // transactions of one account at the same time: the node expects another number
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				if out, err := l.command("owner", "send", addr, fmt.Sprint(i+1, "uweft")).CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
		wg.Wait()
	})
	t.Run("chain id", func(t *testing.T) {
		l.weft("stranger", "init", "--node", l.n.Nodes[0].RPCAddr, "--chain-id", "elsewhere-1")
		l.fails("stranger", 1, []string{"send", addr, "1uweft"}, "its chain is "+l.n.ChainID()+", the configuration names elsewhere-1",
			"Fix:   correct node or chain_id")
	})
	t.Run("link before register", func(t *testing.T) {
		link := []string{"link", addr, "--from", "operator", "--keyring-dir", filepath.Join(l.dir, "voter")}
		l.fails("attester", 3, link, "not a worker", "Fix:   weft register makes")
		if out := l.weft("attester", "register"); !strings.Contains(out, "/dns4/weft.example/tcp/4650") {
			t.Errorf("what is announced is not what was registered: %s", out)
		}
		l.weft("attester", link...)
	})
	run := l.open("tiny", "inner_steps: 4\nrounds: 6\nbudget: 60000000\ntrain_time: 10m\ngrace: 5m\n")
	sets := []string{"--base", tiny.Base, "--data", "train.safetensors"}
	attest := append([]string{"attest", run, "--eval", "eval.safetensors"}, sets...)
	attester := l.begin("attester", attest...)
	l.until("the attester", func() bool { return l.said("attester", "ready") })

	t.Run("home in use", func(t *testing.T) {
		l.fails("attester", 1, attest, "another process uses it, process", "weft attest", "Fix:   stop that process")
	})
	t.Run("wrong at once", func(t *testing.T) {
		train := func(args ...string) []string { return append(append([]string{"train"}, args...), sets...) }
		l.fails("owner", 1, train(run, "--slots", "0"), "Fix:   give --slots")
		l.fails("owner", 1, train("77"), "Fix:   weft runs lists the runs")
		l.fails("owner", 1, train(), "Fix:   weft runs lists the runs")
		l.fails("owner", 1, []string{"train", run, "--base", tiny.Base, "--data", "eval.safetensors"}, "Fix:")
		l.fails("attester", 1, append([]string{"audit", run, "1", addr, "--from", "http://127.0.0.1:1", "--max-memory", "1MB"}, sets...), "Fix:")
	})
	t.Run("no coins", func(t *testing.T) { // told once, with the step that ends it; then it goes on by itself
		l.weft("poor", "init", "--node", l.n.Nodes[0].RPCAddr, "--chain-id", l.n.ChainID())
		poor := l.client("poor").Address()
		l.fails("poor", 3, append([]string{"train", run}, sets...), "Fix:", "send")
		l.fund(poor, 1_000_000) // for fees, not for a bond
		c := l.begin("poor", append([]string{"train", run}, sets...)...)
		l.until("the worker says what it waits for", func() bool {
			return l.said("poor",
				"send 80.000000 WEFT and a little more for fees to "+poor)
		})
		time.Sleep(3 * time.Second)
		l.mu.Lock()
		if n := strings.Count(l.logs["poor"].String(), "send 80.000000 WEFT"); n != 1 {
			t.Errorf("told %d times", n)
		}
		l.mu.Unlock()
		if out := l.weft("poor", "status", run); !strings.Contains(out, "send 80.000000 WEFT") {
			t.Errorf("status does not say what the worker waits for: %s", out)
		}
		l.fund(poor, 100_000_000)
		l.until("the worker trains", func() bool { return l.said("poor", "step 1 of 4") })
		l.stop(c, c.Process)
	})
	l.stop(attester, attester.Process)
	if out := l.weft("attester", "leave", run); !strings.Contains(out, "left run") {
		t.Errorf("leave: %s", out)
	}
	if out := l.weft("attester", "status", run); !strings.Contains(out, "80.000000 WEFT in run 1") {
		t.Errorf("status does not show the bond: %s", out)
	}
}

// One process of a home serves every run that is open: an attester all at once, a trainer first the one that pays most.
func TestSeveralRuns(t *testing.T) {
	l := newLab(t)
	l.home("owner")
	addr := l.home("attester")
	l.home("trainer")
	l.voter()
	l.sets()
	l.weft("attester", "register")
	l.weft("attester", "link", addr, "--from", "operator", "--keyring-dir", filepath.Join(l.dir, "voter"))
	l.open("cheap", "inner_steps: 4\nrounds: 2\nbudget: 10000000\nreward_per_round: 5000000\ntrain_time: 10m\ngrace: 5m\n")
	l.open("dear", "inner_steps: 4\nrounds: 2\nbudget: 20000000\nreward_per_round: 10000000\ntrain_time: 10m\ngrace: 5m\n")
	sets := []string{"--base", tiny.Base, "--data", "train.safetensors"}
	attester := l.begin("attester", append([]string{"attest", "--all", "--eval", "eval.safetensors"}, sets...)...)
	l.until("the attester of both runs", func() bool { return l.said("attester", "run 1   ready") && l.said("attester", "run 2   ready") })
	before := l.reached(addr)
	l.weft("attester", "register") // beside the running attester, whose addresses stay
	if after := l.reached(addr); len(after) == 0 || !slices.Equal(before, after) {
		t.Errorf("the running attester was reached at %v, and after weft register at %v", before, after)
	}
	trainer := l.begin("trainer", append([]string{"train", "--all"}, sets...)...)
	if err := trainer.Wait(); err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	said := l.logs["trainer"].String()
	l.mu.Unlock()
	if first, second := strings.Index(said, "run 2   round 1"), strings.Index(said, "run 1   round 1"); first < 0 || second < first {
		t.Errorf("the run that pays more was not trained first: %s", said)
	}
	if out := l.weft("owner", "runs"); strings.Count(out, "2 of 2 rounds") != 2 {
		t.Errorf("runs: %s", out)
	}
	l.stop(attester, attester.Process)
}

// reached are the addresses that the chain has of a worker.
func (l *lab) reached(account string) []string {
	l.t.Helper()
	q := workertypes.NewQueryClient(l.client("owner").Context())
	r, err := q.Worker(l.t.Context(), &workertypes.QueryWorkerRequest{Address: account})
	if err != nil {
		l.t.Fatal(err)
	}
	return r.View.Worker.Addrs
}

// A halted chain does not look alive.
func TestStaleChain(t *testing.T) {
	at := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	if e := stale(7, at, at.Add(10*time.Second)); e != nil {
		t.Errorf("10 s: %s", e.Text())
	}
	if e := stale(7, at, at.Add(9*time.Minute)); e == nil || !strings.Contains(e.Text(), "height 7, is 9m0s old") {
		t.Errorf("9 min: %v", e)
	}
}
