// Package suggest names the known word that somebody probably meant.
package suggest

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// UnknownKey names the first key of a mapping that is not known, with its line and the nearest known one.
func UnknownKey(n *yaml.Node, known []string) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: want keys and values", n.Line)
	}
	for i := 0; i < len(n.Content); i += 2 {
		k := n.Content[i]
		if slices.Contains(known, k.Value) {
			continue
		}
		err := fmt.Errorf("line %d: unknown key %q; known are %s", k.Line, k.Value, strings.Join(known, ", "))
		if best := Nearest(k.Value, known); best != "" {
			err = fmt.Errorf("line %d: unknown key %q: did you mean %q?", k.Line, k.Value, best)
		}
		return err
	}
	return nil
}

// Nearest is the known word within an edit distance of a third of its length.
func Nearest(s string, known []string) string {
	best, dist := "", 1<<30
	for _, k := range known {
		if d := distance(strings.ToLower(s), k); d < dist {
			best, dist = k, d
		}
	}
	if dist > (len(best)+2)/3 {
		return ""
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			prev, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, prev+cost)
		}
	}
	return row[len(b)]
}
