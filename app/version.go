package app

import (
	"runtime/debug"
	"strings"
)

// version is what the Makefile gives to the linker.
var version string

// Version tells what was built: the release or commit that the linker was told, otherwise what Go recorded about the
// source, and "unknown" when it recorded nothing.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return recorded(info)
}

// recorded is the version in Go's own record: that of the module if it was fetched as one, otherwise the commit that was
// checked out.
func recorded(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return strings.Replace(v, "+dirty", "-dirty", 1)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if commit == "" {
		return "unknown"
	}
	commit = commit[:min(12, len(commit))]
	if settings["vcs.modified"] == "true" {
		commit += "-dirty"
	}
	return commit
}
