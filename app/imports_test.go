package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const root = "github.com/weftnet/weft"

// pkg is what go list tells of a package.
type pkg struct {
	ImportPath   string
	Imports      []string
	Deps         []string
	TestImports  []string
	XTestImports []string
}

// list runs go list on patterns that may match nothing.
func list(t *testing.T, patterns ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Imports,Deps,TestImports,XTestImports"}, patterns...)...)
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// within reports whether path is the package or folder dir.
func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// refuse fails for each dependency that lies in one of the folders.
func refuse(t *testing.T, of pkg, deps []string, dirs ...string) {
	t.Helper()
	for _, d := range deps {
		for _, dir := range dirs {
			if within(d, dir) {
				t.Errorf("%s links %s", of.ImportPath, d)
			}
		}
	}
}

// The chain must not depend on what trains: neither on its libraries nor on anything that draws on a terminal.
func TestChainLinksNoTraining(t *testing.T) {
	for _, p := range list(t, "./app/...", "./x/...", "./cmd/weftd/...") {
		refuse(t, p, p.Deps, root+"/trainer", root+"/devnet", root+"/testutil", root+"/web", "gorgonia.org",
			"github.com/charmbracelet/bubbletea", "github.com/charmbracelet/lipgloss", "charm.land",
			"github.com/rivo/tview", "github.com/gdamore/tcell")
	}
}

// What is shipped is no client of anybody's cloud, and links no package that replace/ stands in for.
func TestProgramsLinkNoClouds(t *testing.T) {
	for _, p := range list(t, "./cmd/...") {
		refuse(t, p, p.Deps, "github.com/aws", "github.com/hashicorp/aws-sdk-go-base", "cloud.google.com", "google.golang.org/api",
			"github.com/GoogleCloudPlatform", "github.com/Azure", "github.com/googleapis", "github.com/getsentry",
			"go.opentelemetry.io/otel/exporters", "github.com/cockroachdb/redact", "github.com/twitchyliquid64")
		for _, name := range []string{"github.com/hashicorp/go-getter", "github.com/cockroachdb/pebble", "github.com/bytedance/sonic"} {
			for _, d := range p.Deps {
				if within(d, name) && d != name {
					t.Errorf("%s links %s: not the stand-in", p.ImportPath, d)
				}
			}
		}
	}
}

// A module speaks to another through the interfaces that it declares itself.
func TestModulesDoNotImportKeepersOfOthers(t *testing.T) {
	for _, p := range list(t, "./x/...") {
		own := strings.Join(strings.SplitN(strings.TrimPrefix(p.ImportPath, root+"/x/"), "/", 2)[:1], "")
		for _, set := range [][]string{p.Imports, p.TestImports, p.XTestImports} {
			for _, d := range set {
				rest, ours := strings.CutPrefix(d, root+"/x/")
				if !ours {
					continue
				}
				module, inside, _ := strings.Cut(rest, "/")
				if module != own && within(inside, "keeper") {
					t.Errorf("%s imports %s", p.ImportPath, d)
				}
			}
		}
	}
}

// The rules and the formats are pure: no SDK, no CometBFT; the rules and digests, nothing but the standard library.
func TestRulesAndFormatsArePure(t *testing.T) {
	sdk := []string{"github.com/cosmos", "cosmossdk.io", "github.com/cometbft"}
	for _, p := range list(t, "./ckpt/...") {
		refuse(t, p, p.Deps, append(sdk, root+"/app", root+"/trainer", "github.com/libp2p", "gorgonia.org")...)
	}
	for _, p := range list(t, "./x/round/protocol", "./ckpt/digest") {
		onlyStandard(t, p, root+"/x/round/protocol", root+"/ckpt/digest")
	}
}

// The numerics import the standard library and golang.org/x/sys/cpu.
func TestExactIsPure(t *testing.T) {
	for _, p := range list(t, "./trainer/exact/...") {
		if within(p.ImportPath, root+"/trainer/exact/gen") {
			continue // the generator of the assembly is not linked into anything
		}
		onlyStandard(t, p, root+"/trainer/exact", "golang.org/x/sys")
	}
}

func onlyStandard(t *testing.T, p pkg, besides ...string) {
	t.Helper()
	for _, d := range p.Deps {
		first, _, _ := strings.Cut(d, "/")
		standard := !strings.Contains(first, ".")
		for _, b := range besides {
			standard = standard || within(d, b)
		}
		if !standard && !strings.HasPrefix(d, "vendor/") {
			t.Errorf("%s links %s", p.ImportPath, d)
		}
	}
}

// Only trainer/chain and the commands know the SDK; the rest of the trainer speaks the values of x/round/protocol.
func TestTrainerSpeaksProtocol(t *testing.T) {
	for _, p := range list(t, "./trainer/...") {
		if within(p.ImportPath, root+"/trainer/chain") {
			continue
		}
		refuse(t, p, p.Deps, "github.com/cosmos", "cosmossdk.io", "github.com/cometbft", root+"/app", root+"/trainer/chain")
	}
}

// What computes and checks work talks to nobody: it is the same whether a trainer, an auditor or a test runs it.
func TestReplayTalksToNobody(t *testing.T) {
	for _, p := range list(t, "./trainer/replay", "./trainer/slot", "./trainer/checkpoint", "./trainer/optim", "./trainer/llm",
		"./trainer/status", "./trainer/runspec") {
		refuse(t, p, p.Deps, "github.com/libp2p", "net/http", root+"/trainer/gossip", root+"/trainer/mirror", root+"/trainer/worker")
	}
}

// Test helpers, ours and the SDK's, stay out of what is shipped.
func TestTestutilIsForTests(t *testing.T) {
	for _, p := range list(t, "./...") {
		if !within(p.ImportPath, root+"/testutil") {
			refuse(t, p, p.Imports, root+"/testutil", "github.com/cosmos/cosmos-sdk/testutil")
		}
	}
}
