package main

import (
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"weftd": main}) }

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata",
		Setup: ports,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitblocks": waitBlocks,
			"pause":      func(*testscript.TestScript, bool, []string) { time.Sleep(time.Second) },
		},
	})
}

// ports gives a script free loopback ports as $RPC, $P2P and $GRPC, and a home of its own.
func ports(env *testscript.Env) error {
	env.Setenv("HOME", env.WorkDir)
	for _, name := range []string{"RPC", "P2P", "GRPC"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		env.Setenv(name, l.Addr().String())
		if err := l.Close(); err != nil {
			return err
		}
	}
	return nil
}

// waitBlocks waits until the node at $RPC has its third block.
func waitBlocks(ts *testscript.TestScript, _ bool, _ []string) {
	url := fmt.Sprintf("http://%s/block?height=3", ts.Getenv("RPC"))
	for range 600 {
		r, err := http.Get(url)
		if err == nil {
			ts.Check(r.Body.Close())
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("no third block within 30 s")
}
