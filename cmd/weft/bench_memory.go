package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// peakMemory is the most memory that the process has held so far, in bytes; ok is false where the system does not say.
func peakMemory() (bytes int64, ok bool) {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(raw)) {
		rest, found := strings.CutPrefix(line, "VmHWM:")
		if f := strings.Fields(rest); found && len(f) == 2 && f[1] == "kB" {
			kib, err := strconv.ParseInt(f[0], 10, 64)
			return kib << 10, err == nil
		}
	}
	return 0, false
}

// memoryFields are peakMemory for machines (null: unknown) and for people.
func memoryFields() (value any, text string) {
	n, ok := peakMemory()
	if !ok {
		return nil, "unknown"
	}
	return n, fmt.Sprintf("%.2f GB", float64(n)/1e9)
}
