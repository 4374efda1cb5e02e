package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/testutil/named"
)

// Every command that the documentation, a help text or an error names exists, and has the flags that they give it.
func TestNamedCommandsExist(t *testing.T) {
	root := newRoot()
	checked := 0
	for _, n := range named.Commands(t, "../..", "weft") {
		if sentence[n.Words[0]] {
			continue
		}
		checked++
		c, args, err := root.Find(n.Words)
		if err != nil || c == root && !strings.HasPrefix(n.Words[0], "-") {
			t.Errorf("%s: weft %s: there is no such command", n.Where, strings.Join(n.Words, " "))
			continue
		}
		if c.HasSubCommands() && len(args) > 0 && !strings.HasPrefix(args[0], "-") && args[0] == strings.ToLower(args[0]) {
			t.Errorf("%s: weft %s: %s has no %s", n.Where, strings.Join(n.Words, " "), c.CommandPath(), args[0])
		}
		for _, a := range args {
			if flag, ok := strings.CutPrefix(a, "--"); ok && flag != "" && !hasFlag(c, strings.SplitN(flag, "=", 2)[0]) {
				t.Errorf("%s: weft %s: %s has no flag %s", n.Where, strings.Join(n.Words, " "), c.CommandPath(), a)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d commands were found", checked)
	}
}

// sentence are words after which "weft" was the subject of a sentence.
var sentence = map[string]bool{"test": true, "trains": true}

func hasFlag(c *cobra.Command, name string) bool {
	return name == "help" || c.Flags().Lookup(name) != nil || c.InheritedFlags().Lookup(name) != nil
}
