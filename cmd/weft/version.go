package main

import (
	"runtime"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/cmd/weft/out"
)

// built tells what this program is.
type built struct {
	Version string `json:"version"`
	Go      string `json:"go"`
}

func (*built) Kind() string   { return "version" }
func (e *built) Text() string { return "weft " + e.Version + " (" + e.Go + ")" }

func versionCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print this program's version",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p := out.New(c)
			p.Emit(&built{app.Version(), runtime.Version()})
			return p.Err()
		},
	}
}
