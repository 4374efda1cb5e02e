package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cosmossdk.io/log/v2"
	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/network"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// replica is an application that gets the blocks of another chain.
type replica struct {
	t  *testing.T
	db dbm.DB
	a  *app.App
}

func newReplica(t *testing.T) *replica {
	r := &replica{t: t, db: dbm.NewMemDB()}
	r.restart()
	return r
}

// restart opens the application anew, from its database alone.
func (r *replica) restart() {
	a, err := app.New(log.NewNopLogger(), r.db, app.Options{flags.FlagHome: r.t.TempDir()}, baseapp.SetChainID("weft-local"))
	require.NoError(r.t, err)
	r.a = a
}

func (r *replica) init(req *abci.RequestInitChain) {
	_, err := r.a.InitChain(req)
	require.NoError(r.t, err)
}

// block executes a block and returns the hash of the state after it.
func (r *replica) block(req *abci.RequestFinalizeBlock) []byte {
	res, err := r.a.FinalizeBlock(req)
	require.NoError(r.t, err)
	_, err = r.a.Commit()
	require.NoError(r.t, err)
	return res.AppHash
}

func (r *replica) export() servertypes.ExportedApp {
	e, err := r.a.Export(false, nil)
	require.NoError(r.t, err)
	return e
}

// A run of two rounds, from the vote to the claims, gives the same state on a node that never checked a transaction, on a node that
// restarts after every block, on chains that start from the state exported in the middle of each phase, and on one whose
// binary is replaced there.
func TestSameStateHoweverItIsReached(t *testing.T) {
	rec := &recorder{}
	s := tell(t, network.Options{ABCI: func(_ int, a abci.Application) abci.Application { rec.Application = a; return rec }})
	require.NoError(t, s.n.Stop())

	plain, restarted := newReplica(t), newReplica(t)
	plain.init(rec.init)
	restarted.init(rec.init)
	exports := map[int64]servertypes.ExportedApp{}
	for i, b := range rec.blocks {
		require.Equal(t, rec.hashes[i], plain.block(b), "height %d", b.Height)
		conserved(t, plain.a)
		require.Equal(t, rec.hashes[i], restarted.block(b), "height %d", b.Height)
		restarted.restart()
		for _, h := range s.phases {
			if h == b.Height {
				exports[h] = plain.export()
			}
		}
	}
	last := plain.export()
	for _, p := range []roundtypes.Phase{roundtypes.PHASE_TRAIN, roundtypes.PHASE_PUBLISH, roundtypes.PHASE_ATTEST, roundtypes.PHASE_REVIEW,
		roundtypes.PHASE_DISPUTE, roundtypes.PHASE_SETTLED} {
		h, seen := s.phases[p]
		require.True(t, seen, "phase %s", p)
		t.Run(p.String(), func(t *testing.T) { continues(t, rec, exports[h], last) })
		t.Run(p.String()+" upgraded", func(t *testing.T) { upgraded(t, rec, h, last) })
	}
}

// continues starts a chain from an exported state, gives it the blocks that came after, and compares where it ends.
func continues(t *testing.T, rec *recorder, from, last servertypes.ExportedApp) {
	r := newReplica(t)
	req := *rec.init
	req.InitialHeight, req.AppStateBytes = from.Height, from.AppState
	req.Validators = nil
	req.ConsensusParams = &from.ConsensusParams
	for _, b := range rec.blocks {
		if b.Height == from.Height-1 { // no time passes
			req.Time = b.Time
		}
	}
	r.init(&req)
	for _, b := range rec.blocks {
		if b.Height >= from.Height {
			r.block(b)
		}
	}
	same(t, last, r.export())
}

// same compares two exported states module by module.
func same(t *testing.T, want, got servertypes.ExportedApp) {
	t.Helper()
	var w, g map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(want.AppState, &w))
	require.NoError(t, json.Unmarshal(got.AppState, &g))
	require.Equal(t, len(w), len(g))
	for name := range w {
		diff(t, name, w[name], g[name])
	}
}

// diff reports the first lines in which two JSON texts differ.
func diff(t *testing.T, name string, want, got []byte) {
	t.Helper()
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i, shown := 0, 0; i < max(len(w), len(g)) && shown < 5; i++ {
		switch {
		case i >= len(w):
			t.Errorf("%s: more lines: %s", name, g[i])
			shown++
		case i >= len(g):
			t.Errorf("%s: no line: %s", name, w[i])
			shown++
		case w[i] != g[i]:
			t.Errorf("%s line %d: want %s, got %s", name, i, w[i], g[i])
			shown++
		}
	}
}
