package app_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	modeltypes "github.com/weftnet/weft/x/model/types"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// upgraded replaces the binary after the block at height, in the middle of a round: the old one stops at the planned block,
// the new one carries the upgrade out and goes on, and all of Weft's modules end where they would have ended without it.
func upgraded(t *testing.T, rec *recorder, height int64, last servertypes.ExportedApp) {
	r := newReplica(t)
	r.init(rec.init)
	for i, b := range rec.blocks {
		if b.Height == height+1 {
			ctx := r.a.NewUncachedContext(false, cmtproto.Header{Height: height, Time: rec.blocks[i-1].Time})
			require.NoError(t, r.a.Upgrade.ScheduleUpgrade(ctx, upgradetypes.Plan{Name: "next", Height: b.Height}))
			_, err := r.a.FinalizeBlock(b)
			require.ErrorContains(t, err, "UPGRADE \"next\" NEEDED")
			// What a vote would have written in the block before, written into the database that the new binary opens.
			r.restart()
			ctx = r.a.NewUncachedContext(false, cmtproto.Header{Height: height, Time: rec.blocks[i-1].Time})
			require.NoError(t, r.a.Upgrade.ScheduleUpgrade(ctx, upgradetypes.Plan{Name: "next", Height: b.Height}))
			r.a.HandleUpgrade("next")
		}
		r.block(b)
	}
	name, at, err := r.a.Upgrade.GetLastCompletedUpgrade(r.a.NewContextLegacy(true, cmtproto.Header{Height: r.a.LastBlockHeight()}))
	require.NoError(t, err)
	require.Equal(t, "next", name)
	require.Equal(t, height+1, at)
	var want, got map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(last.AppState, &want))
	require.NoError(t, json.Unmarshal(r.export().AppState, &got))
	for _, module := range []string{modeltypes.ModuleName, roundtypes.ModuleName, sharetypes.ModuleName, workertypes.ModuleName} {
		diff(t, module, want[module], got[module])
	}
	conserved(t, r.a)
}
