package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"weft": func() { os.Exit(run(os.Args[1:])) }})
}

// TestScripts plays the journeys in testdata, each in a folder of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: func(e *testscript.Env) error {
		dir, err := os.Getwd()
		if err != nil {
			return err
		}
		e.Setenv("TINY", dir+"/../../devnet/tiny")
		e.Setenv("HOME", e.WorkDir)
		return nil
	}})
}
