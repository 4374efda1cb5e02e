package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/cmd/weft/out"
)

// version is set by the build (-ldflags -X main.version=…).
var version = ""

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
			p.Emit(&built{versionText(), runtime.Version()})
			return p.Err()
		},
	}
}

// versionText is the version that the build was given, or the commit that Go wrote into the program.
func versionText() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "-dirty"
		}
	}
	if commit == "" {
		return info.Main.Version
	}
	return commit + changed
}
