package main

import (
	"strings"
	"testing"

	"github.com/weftnet/weft/testutil/named"
)

// Every weftd command that the documentation or a text of the programs names exists.
func TestNamedCommandsExist(t *testing.T) {
	root, err := newRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, n := range named.Commands(t, "../..", "weftd") {
		checked++
		c, args, err := root.Find(n.Words)
		if err != nil || c == root || c.HasSubCommands() && len(args) > 0 && !strings.HasPrefix(args[0], "-") {
			t.Errorf("%s: weftd %s: there is no such command", n.Where, strings.Join(n.Words, " "))
		}
	}
	if checked < 10 {
		t.Errorf("only %d commands were found", checked)
	}
}
