package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// PeakMemory is the most memory in bytes that the process has held so far; nil where the system does not say.
func PeakMemory() *int64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(raw)) {
		rest, found := strings.CutPrefix(line, "VmHWM:")
		if f := strings.Fields(rest); found && len(f) == 2 && f[1] == "kB" {
			kib, err := strconv.ParseInt(f[0], 10, 64)
			if err != nil {
				return nil
			}
			kib <<= 10
			return &kib
		}
	}
	return nil
}

// gigabytes shows PeakMemory.
func gigabytes(n *int64) string {
	if n == nil {
		return "unknown"
	}
	return fmt.Sprintf("%.2f GB", float64(*n)/1e9)
}
