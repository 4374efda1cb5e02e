package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/operror"
)

func defaultHome() string {
	h, err := os.UserHomeDir()
	if err != nil {
		return ".weft"
	}
	return filepath.Join(h, ".weft")
}

// homeOf is the home that a command was given.
func homeOf(c *cobra.Command) string {
	f := c.Flags().Lookup("home")
	if f == nil {
		return defaultHome()
	}
	return f.Value.String()
}

// nodeFlag registers --node.
func nodeFlag(c *cobra.Command) *cobra.Command {
	c.Flags().String("node", "", "RPC address of a node (default: from the configuration)")
	return c
}

// nodeOf is the node that a command was given; empty: none.
func nodeOf(c *cobra.Command) (string, error) {
	f := c.Flags().Lookup("node")
	if f == nil || !f.Changed {
		return "", nil
	}
	if f.Value.String() == "" {
		return "", &operror.Error{Op: "connect", Err: errors.New("--node is empty"),
			Hint: "give an address such as tcp://127.0.0.1:26657, or leave --node away"}
	}
	return f.Value.String(), nil
}

// runArg reads the number of a run.
func runArg(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 {
		return 0, &operror.Error{Op: "find run", Ref: strconv.Quote(s), Err: errors.New("runs have numbers from 1"), Hint: "weft runs lists them"}
	}
	return n, nil
}

// fresh refuses to write over something.
func fresh(path, flag string) error {
	if _, err := os.Stat(path); err == nil {
		return &operror.Error{Op: "write", Ref: path, Err: errors.New("it exists already"), Hint: "remove it, or name another with " + flag}
	}
	return nil
}

// parseColumns reads user=question,assistant=answer.
func parseColumns(s string) (data.Columns, error) {
	if s == "" {
		return nil, nil
	}
	cols := data.Columns{}
	for _, kv := range strings.Split(s, ",") {
		k, v, ok := strings.Cut(kv, "=")
		if !ok || k == "" || v == "" {
			return nil, fmt.Errorf("column map %q: want role=column, separated by commas, e.g. user=question,assistant=answer", s)
		}
		cols[k] = v
	}
	return cols, nil
}

// adapterFlags are the shape of an adapter, under the names that PEFT's users know.
type adapterFlags struct {
	rank, alpha int
	targets     string
	freezeA     bool
}

var adapterFlagNames = []string{"rank", "alpha", "targets", "freeze-a"}

func (f *adapterFlags) register(c *cobra.Command) {
	c.Flags().IntVar(&f.rank, "rank", 8, "LoRA rank")
	c.Flags().IntVar(&f.alpha, "alpha", 16, "LoRA alpha")
	c.Flags().StringVar(&f.targets, "targets", "all", "projections to adapt, e.g. q_proj,v_proj")
	c.Flags().BoolVar(&f.freezeA, "freeze-a", false, "train B only")
}

func (f *adapterFlags) spec() ckpt.AdapterSpec {
	a := ckpt.AdapterSpec{Rank: f.rank, Alpha: f.alpha, Targets: strings.Split(f.targets, ",")}
	if f.targets == "all" {
		a.Targets = llm.Projections
	}
	if f.freezeA {
		a.FreezeA = 1
	}
	return a
}

// byteSize is a flag's amount of memory or disk in bytes, written as a number and a unit: 1.5GB, 900MiB, 4096.
type byteSize int64

var sizeUnits = []struct {
	suffix string
	bytes  float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"B", 1}, {"", 1}}

// Set implements pflag.Value.
func (b *byteSize) Set(s string) error {
	for _, u := range sizeUnits {
		if len(s) < len(u.suffix) || !strings.EqualFold(s[len(s)-len(u.suffix):], u.suffix) {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(s[:len(s)-len(u.suffix)]), 64)
		if err != nil || !(v >= 0) || v*u.bytes >= math.MaxInt64 {
			break
		}
		*b = byteSize(v * u.bytes)
		return nil
	}
	return fmt.Errorf("%q is not an amount of memory: write a number with a unit such as 1500MB, 1.5GB or 2GiB", s)
}

// String implements pflag.Value.
func (b *byteSize) String() string { return strconv.FormatInt(int64(*b), 10) }

// Type implements pflag.Value.
func (b *byteSize) Type() string { return "size" }

// memoryFlag registers --max-memory on a command that trains.
func memoryFlag(c *cobra.Command, b *byteSize) {
	c.Flags().Var(b, "max-memory", "memory for weights and training steps, e.g. 1.5GB (0: no limit); less costs time, never a bit")
}
