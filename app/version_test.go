package app

import (
	"runtime/debug"
	"testing"
)

func TestVersion(t *testing.T) {
	commit := func(settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: settings}
	}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "b591b36df0a1c2e4"}
	for want, info := range map[string]*debug.BuildInfo{
		"v1.2.3":             {Main: debug.Module{Version: "v1.2.3"}},
		"v1.2.3-dirty":       {Main: debug.Module{Version: "v1.2.3+dirty"}},
		"b591b36df0a1":       commit(revision),
		"b591b36df0a1-dirty": commit(revision, debug.BuildSetting{Key: "vcs.modified", Value: "true"}),
		"unknown":            commit(),
	} {
		if got := recorded(info); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if Version() == "" {
		t.Error("a program that the linker was told nothing about has no version")
	}
	version = "told"
	defer func() { version = "" }()
	if got := Version(); got != "told" {
		t.Errorf("%q, want what the linker was told", got)
	}
}
