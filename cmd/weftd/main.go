// Command weftd is the node of a Weft chain: it runs a validator or a full node, and has the commands of an operator.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	svrcmd "github.com/cosmos/cosmos-sdk/server/cmd"
)

func main() {
	userHome, err := os.UserHomeDir()
	if err != nil {
		fmt.Fprintln(os.Stderr, "weftd: no home folder:", err)
		os.Exit(1)
	}
	home := filepath.Join(userHome, ".weftd")
	root, err := newRoot(home)
	if err != nil {
		fmt.Fprintln(os.Stderr, "weftd:", err)
		os.Exit(1)
	}
	if err := svrcmd.Execute(root, "WEFTD", home); err != nil {
		os.Exit(1) // cobra has printed it
	}
}
