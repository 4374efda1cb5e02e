package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// byteSize is a flag's amount of memory in bytes, written as a number and a unit: 1.5GB, 900MiB, 4096.
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
