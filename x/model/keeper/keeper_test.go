package keeper_test

import (
	"strings"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
)

func TestCreateModel(t *testing.T) {
	c := newChain(t)
	require.Equal(t, math.NewInt(1000), c.pools[name])
	info, err := c.k.RunModel(c.ctx, name)
	require.NoError(t, err)
	require.Equal(t, protocol.ModelInfo{Name: name, Owner: protocol.Account(account(0).String()), Base: named(1), Head: named(3),
		MaxShares: 1000, SharesLeft: 1000}, info)

	_, err = c.msg.CreateModel(c.ctx, create())
	require.ErrorIs(t, err, types.ErrModelExists)
	m := create()
	m.Name = "other"
	_, err = c.msg.CreateModel(c.ctx, m)
	require.ErrorIs(t, err, types.ErrCheckpoint)
}

// A message with many mistakes names all of them at once.
func TestCreateModelListsEveryMistake(t *testing.T) {
	c := newChain(t)
	_, err := c.msg.CreateModel(c.ctx, &types.MsgCreateModel{
		Owner: "nobody", Name: "A B", Base: "01", Tokenizer: digest.Digest{}.String(), Licence: "", MetadataUri: strings.Repeat("x", 300),
		Adapter: types.AdapterSpec{Targets: []string{"v_proj", "q_proj", "head"}},
	})
	require.ErrorIs(t, err, types.ErrInvalid)
	for _, field := range []string{"owner", "name", "base", "tokenizer", "genesis", "licence", "metadata_uri", "max_shares", "rank", "alpha",
		"sorted", "head", "genesis_size"} {
		require.ErrorContains(t, err, field)
	}
}

func TestOwnership(t *testing.T) {
	c := newChain(t)
	spec := named(9)
	approve := func(who int, revoke bool) error {
		_, err := c.msg.ApproveRun(c.ctx, &types.MsgApproveRun{Owner: account(who).String(), Model: name, Spec: spec.Text(), Revoke: revoke})
		return err
	}
	approved := func() bool {
		ok, err := c.k.Approved(c.ctx, name, spec)
		require.NoError(t, err)
		return ok
	}
	require.ErrorIs(t, approve(1, false), types.ErrNotOwner)
	require.ErrorIs(t, approve(0, true), types.ErrNoApproval)
	require.NoError(t, approve(0, false))
	require.True(t, approved())
	require.NoError(t, approve(0, true))
	require.False(t, approved())
	require.NoError(t, approve(0, false))

	_, err := c.msg.TransferModel(c.ctx, &types.MsgTransferModel{Owner: account(0).String(), Model: name, NewOwner: "x"})
	require.ErrorIs(t, err, types.ErrInvalid)
	_, err = c.msg.TransferModel(c.ctx, &types.MsgTransferModel{Owner: account(0).String(), Model: name, NewOwner: account(1).String()})
	require.NoError(t, err)
	require.False(t, approved(), "an approval does not pass to the new owner")
	_, err = c.msg.UpdateMetadata(c.ctx, &types.MsgUpdateMetadata{Owner: account(0).String(), Model: name, MetadataUri: "y"})
	require.ErrorIs(t, err, types.ErrNotOwner)
	_, err = c.msg.UpdateMetadata(c.ctx, &types.MsgUpdateMetadata{Owner: account(1).String(), Model: name, MetadataUri: "a\nb"})
	require.ErrorIs(t, err, types.ErrInvalid)
	_, err = c.msg.UpdateMetadata(c.ctx, &types.MsgUpdateMetadata{Owner: account(1).String(), Model: name, MetadataUri: "y"})
	require.NoError(t, err)
	for i := range types.MaxApprovals {
		spec = named(byte(i + 1))
		require.NoError(t, approve(1, false))
	}
	spec = named(200)
	require.ErrorIs(t, approve(1, false), types.ErrTooMany)
}

func TestLineageAndBest(t *testing.T) {
	c := newChain(t)
	appendAt := func(d, parent byte) error {
		return c.k.AppendCheckpoint(c.ctx, protocol.Checkpoint{Digest: named(d), Model: name, Parent: named(parent), Run: 1,
			Round: uint64(d - 9), Size: 5})
	}
	require.ErrorIs(t, appendAt(10, 4), types.ErrNotHead)
	for d := byte(10); d < 15; d++ {
		parent := d - 1
		if d == 10 {
			parent = 3
		}
		require.NoError(t, appendAt(d, parent))
	}
	require.ErrorIs(t, appendAt(12, 14), types.ErrCheckpoint)
	require.ErrorIs(t, c.k.AppendCheckpoint(c.ctx, protocol.Checkpoint{Model: "absent"}), types.ErrNoModel)

	best := func() string {
		m, err := c.q.Model(c.ctx, &types.QueryModelRequest{Name: name})
		require.NoError(t, err)
		return m.Model.Best
	}
	for _, step := range []struct {
		d, best byte
		nats    uint64
	}{{3, 3, 1_500_000}, {11, 11, 1_200_000}, {12, 11, 1_200_000}, {13, 11, 1_300_000}, {14, 14, 900_000}} {
		require.NoError(t, c.k.RecordEval(c.ctx, named(step.d), step.nats, 64, named(77)))
		require.Equal(t, named(step.best).Text(), best())
	}
	require.ErrorIs(t, c.k.RecordEval(c.ctx, named(99), 1, 1, named(77)), types.ErrNoCheckpoint)

	var got []byte
	req := &types.QueryLineageRequest{Model: name, Limit: 4}
	for pages := 0; ; pages++ {
		r, err := c.q.Lineage(c.ctx, req)
		require.NoError(t, err)
		for _, cp := range r.Checkpoints {
			got = append(got, first(t, cp.Digest))
		}
		if r.Next == "" {
			require.Equal(t, 1, pages)
			break
		}
		req.From = r.Next
	}
	require.Equal(t, []byte{14, 13, 12, 11, 10, 3}, got)
	_, err := c.q.Checkpoint(c.ctx, &types.QueryCheckpointRequest{Digest: "x"})
	require.ErrorIs(t, err, types.ErrInvalid)
	r, err := c.q.Checkpoint(c.ctx, &types.QueryCheckpointRequest{Digest: named(14).String()})
	require.NoError(t, err)
	require.EqualValues(t, 900_000, r.Checkpoint.Evaluation.MicroNats)
}

func TestFundingIsRefused(t *testing.T) {
	c := newChain(t)
	fund := func(model string, amount sdk.Coin) error {
		_, err := c.msg.Fund(c.ctx, &types.MsgFund{Funder: account(1).String(), Model: model, Amount: amount})
		return err
	}
	require.ErrorIs(t, fund("absent", stake(5)), types.ErrNoModel)
	require.ErrorIs(t, fund(name, sdk.NewInt64Coin("other", 5)), types.ErrFunding)
	require.ErrorIs(t, fund(name, sdk.Coin{Denom: "stake", Amount: math.NewInt(-5)}), types.ErrFunding)
	require.Error(t, fund(name, stake(1<<50)))
	gov := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	for authority, p := range map[string]types.Params{gov: {MinFunding: sdk.NewInt64Coin("other", 1)},
		account(1).String(): types.DefaultParams()} {
		_, err := c.msg.UpdateParams(c.ctx, &types.MsgUpdateParams{Authority: authority, Params: p})
		require.Error(t, err)
	}
	_, err := c.msg.UpdateParams(c.ctx, &types.MsgUpdateParams{Authority: gov, Params: types.Params{MinFunding: stake(6)}})
	require.NoError(t, err)
	require.ErrorIs(t, fund(name, stake(5)), types.ErrFunding)
}

func TestOpenRun(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.k.SetOpenRun(c.ctx, name, 4))
	require.NoError(t, c.k.SetOpenRun(c.ctx, name, 4))
	require.ErrorIs(t, c.k.SetOpenRun(c.ctx, name, 5), types.ErrRunOpen)
	require.NoError(t, c.k.SetOpenRun(c.ctx, name, 0))
	require.NoError(t, c.k.SetOpenRun(c.ctx, name, 5))
	require.ErrorIs(t, c.k.SetOpenRun(c.ctx, "absent", 5), types.ErrNoModel)
}

func TestGenesis(t *testing.T) {
	c := newChain(t)
	require.NoError(t, c.fund(1, 10))
	require.NoError(t, c.fund(2, 5))
	require.NoError(t, c.k.Debit(c.ctx, name, math.NewInt(7), math.ZeroInt(), escrow))
	require.NoError(t, c.k.AppendCheckpoint(c.ctx, protocol.Checkpoint{Digest: named(10), Model: name, Parent: named(3), Run: 1}))
	require.NoError(t, c.k.RecordEval(c.ctx, named(10), 5, 6, named(77)))
	spec := named(9)
	_, err := c.msg.ApproveRun(c.ctx, &types.MsgApproveRun{Owner: account(0).String(), Model: name, Spec: spec.Text()})
	require.NoError(t, err)
	gs, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.NoError(t, c.k.InitGenesis(c.ctx, gs))
	again, err := c.k.ExportGenesis(c.ctx)
	require.NoError(t, err)
	require.Equal(t, gs, again)

	for what, lie := range map[string]func(*types.GenesisState){
		"head":       func(g *types.GenesisState) { g.Models[0].Head = named(1).Text() },
		"best":       func(g *types.GenesisState) { g.Models[0].Best = g.Models[0].Base },
		"loop":       func(g *types.GenesisState) { g.Checkpoints[0].Parent = g.Models[0].Head },
		"twice":      func(g *types.GenesisState) { g.Models = append(g.Models, g.Models[0]) },
		"approval":   func(g *types.GenesisState) { g.Approvals[0].Model = "absent" },
		"drawn":      func(g *types.GenesisState) { g.Treasuries[0].Treasury.Drawn = math.ZeroInt() },
		"funder":     func(g *types.GenesisState) { g.Funders = g.Funders[:1] },
		"treasuries": func(g *types.GenesisState) { g.Treasuries = nil },
	} {
		g, err := c.k.ExportGenesis(c.ctx)
		require.NoError(t, err)
		lie(g)
		require.Error(t, g.Validate(), what)
	}
	require.NoError(t, c.bank.SendCoinsFromModuleToModule(c.ctx, types.ModuleName, escrow, sdk.NewCoins(stake(1))))
	require.ErrorIs(t, c.k.InitGenesis(c.ctx, gs), types.ErrGenesis)
}
