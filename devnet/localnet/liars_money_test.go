package localnet

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/trainer/replay"
	modeltypes "github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// genesisCoins is what every account begins with, in uweft.
const genesisCoins = 1_000_000_000_000

// balance is an account's uweft in the bank, less what it began with.
func (n *Net) balance(t *testing.T, ctx context.Context, address string) int64 {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	r, err := banktypes.NewQueryClient(cc).Balance(ctx, &banktypes.QueryBalanceRequest{Address: address, Denom: app.BondDenom})
	require.NoError(t, err)
	return r.Balance.Amount.Int64() - genesisCoins
}

// owed is what an account has earned; nobody claims in these tests.
func (n *Net) owed(t *testing.T, ctx context.Context, address string) uint64 {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	r, err := roundtypes.NewQueryClient(cc).Owed(ctx, &roundtypes.QueryOwedRequest{Account: address})
	require.NoError(t, err)
	return r.Amount.Amount.Uint64()
}

// supply is how many shares of the model there are.
func (n *Net) supply(t *testing.T, ctx context.Context) uint64 {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	r, err := banktypes.NewQueryClient(cc).SupplyOf(ctx, &banktypes.QuerySupplyOfRequest{Denom: "share/" + n.Opts.Name})
	require.NoError(t, err)
	return r.Amount.Amount.Uint64()
}

// taints are the rounds of the model's checkpoints that hold forged work, by who forged it.
func (n *Net) taints(t *testing.T, ctx context.Context) map[string]uint64 {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	r, err := modeltypes.NewQueryClient(cc).Taints(ctx, &modeltypes.QueryTaintsRequest{Model: n.Opts.Name})
	require.NoError(t, err)
	found := map[string]uint64{}
	for _, x := range r.Taints {
		found[x.Account] = x.Round
	}
	return found
}

// burned is what executed slashes have burnt.
func (n *Net) burned(t *testing.T, ctx context.Context) uint64 {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	r, err := workertypes.NewQueryClient(cc).Burned(ctx, &workertypes.QueryBurnedRequest{})
	require.NoError(t, err)
	if len(r.Burned) == 0 {
		return 0
	}
	return r.Burned[0].Amount.Uint64()
}

// penalties are the slashes that wait.
func (n *Net) penalties(t *testing.T, ctx context.Context) []workertypes.Penalty {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	r, err := workertypes.NewQueryClient(cc).Penalties(ctx, &workertypes.QueryPenaltiesRequest{})
	require.NoError(t, err)
	return r.Penalties
}

// released waits until no bond of a worker is locked and no slash waits, so that balances say who lost what.
func (n *Net) released(t *testing.T, ctx context.Context) {
	t.Helper()
	cc, err := n.Context(0)
	require.NoError(t, err)
	q := workertypes.NewQueryClient(cc)
	for _, w := range n.workers() {
		for {
			r, err := q.Bonds(ctx, &workertypes.QueryBondsRequest{Address: w.Account.String()})
			require.NoError(t, err)
			if len(r.Bonds) == 0 && len(n.penalties(t, ctx)) == 0 {
				break
			}
			select {
			case <-ctx.Done():
				t.Fatalf("%s has bonds %v, slashes that wait %v", w.Account.Name, r.Bonds, n.penalties(t, ctx))
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	n.conservedAt(t, n.Height(0))
}

// pays is what a round credits.
type pays struct {
	trainers, trainerShares []uint64 // by part
	owner                   uint64
}

// priced computes what a round has to pay, from the spec, the assignment and the reasons alone: forged work that was folded
// keeps its place among the tokens, and is paid to nobody.
func (n *Net) priced(r *protocol.RoundState, sharesLeft uint64) pays {
	spec := n.Opts.Spec
	split := []uint64{uint64(spec.Split.Trainers), uint64(spec.Split.Attesters), uint64(spec.Split.Owner), uint64(spec.Split.Data)}
	assigned, folded, verified := uint64(0), uint64(0), uint64(0)
	var tokens []uint64
	for _, p := range r.Parts {
		sum := uint64(0)
		for _, w := range p.Slots {
			j := replay.NewJob(&spec, &r.Round, w.Index, nil, n.Opts.Train)
			assigned += j.Tokens(spec.InnerSteps)
			if slices.ContainsFunc(r.Round.Result.Contributions, func(c protocol.Contribution) bool { return c.Slot == w.Index }) {
				sum += j.Tokens(w.Commit.Steps)
			}
		}
		tokens, folded = append(tokens, sum), folded+sum
		if p.Reason.Paid() {
			verified += sum
		}
	}
	tokens = append(tokens, assigned-folded)
	reward, shares := protocol.Allot(spec.RewardPerRound, split), protocol.Allot(min(spec.SharesPerRound, sharesLeft), split)
	out := pays{trainers: protocol.Allot(reward[0], tokens)[:len(r.Parts)], trainerShares: protocol.Allot(shares[0], tokens)[:len(r.Parts)],
		owner: protocol.Allot(reward[2], []uint64{verified, assigned - verified})[0]}
	for i, p := range r.Parts {
		if !p.Reason.Paid() {
			out.trainers[i], out.trainerShares[i] = 0, 0
		}
	}
	return out
}

// paysExactly checks every trainer's pay and shares of a round, to the unit, and returns what the owner gets of it.
// sharesLeft is what may still be minted of the model's.
func (n *Net) paysExactly(t *testing.T, r *protocol.RoundState, sharesLeft uint64) (owner uint64) {
	t.Helper()
	want, got := n.priced(r, sharesLeft), pays{}
	for _, p := range r.Parts {
		got.trainers, got.trainerShares = append(got.trainers, p.Pay), append(got.trainerShares, p.Shares)
	}
	got.owner = r.Round.Paid - sum(got.trainers) - n.attested(r)
	require.Equal(t, want, got, "round %d", r.Round.Number)
	return want.owner
}

func sum(list []uint64) (n uint64) {
	for _, v := range list {
		n += v
	}
	return n
}

// attested is what the attesters of a round were paid.
func (n *Net) attested(r *protocol.RoundState) (total uint64) {
	for _, v := range r.Votes {
		total += v.Pay
	}
	return total
}
