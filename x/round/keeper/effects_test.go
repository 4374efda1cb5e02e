package keeper

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/x/round/protocol"
)

type fakeEffect struct{ protocol.Effect }

func (fakeEffect) String() string { return "pay everybody twice" }

type fakeNotice struct{ protocol.Notice }

func (fakeNotice) String() string { return "somebody looked" }

// What the rules ask for and nothing carries out is an error, and so is what happens and nothing tells of: neither is passed over.
func TestUnknownStepIsAnError(t *testing.T) {
	ctx := context.Context(sdk.Context{}.WithEventManager(sdk.NewEventManager()))
	require.ErrorContains(t, Keeper{}.carryOut(ctx, []protocol.Step{fakeEffect{}}), "pay everybody twice: nothing carries out")
	require.ErrorContains(t, Keeper{}.carryOut(ctx, []protocol.Step{fakeNotice{}}), "no event tells")
	require.NoError(t, Keeper{}.carryOut(ctx, []protocol.Step{protocol.Unready{}}))
}

// Every effect and notice of the rules has its case here: one that is missing would stop the first run that meets it.
func TestEveryStepIsKnown(t *testing.T) {
	rules := sources(t, "../protocol/*_text.go")
	for kind, here := range map[string]string{
		"effect": sources(t, "effects.go") + sources(t, "bonds.go"), "notice": sources(t, "events.go"),
	} {
		marks := regexp.MustCompile(`(?m)^func \((\w+)\) `+kind+`\(\)`).FindAllStringSubmatch(rules, -1)
		require.Greater(t, len(marks), 10)
		for _, m := range marks {
			known := regexp.MustCompile(`(?m)^\tcase (.*, )?protocol\.` + m[1] + `[,:]`).MatchString(here)
			require.True(t, known, "%s %s", kind, m[1])
		}
	}
}

func sources(t *testing.T, pattern string) string {
	paths, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var all strings.Builder
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		all.Write(raw)
	}
	return all.String()
}
