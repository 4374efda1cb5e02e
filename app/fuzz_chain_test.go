package app_test

import (
	"encoding/json"
	"testing"
	"time"

	"cosmossdk.io/math"
	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/network"
)

// panicked is the code of a transaction that panicked and was recovered by the SDK.
const panicked = 111222

// twins are two applications that get the same blocks. One sees every transaction before; the other does not, and restarts now and then.
type twins struct {
	t             *testing.T
	watch, asleep *replica
	height        int64
	now           time.Time
	proposer      []byte
	total         math.Int
	looked        uint64 // proposals looked at
	passed        int
	txs, ok, msgs int
	kinds         map[string]int // messages of transactions that succeeded
}

// newTwins start from a state in the middle of a run.
func newTwins(t *testing.T) (*twins, *crowd) {
	seed := newReplica(t)
	c := newCrowd(seed.a)
	firstBlock(t, c, seed.a)
	h := settle(t, c, newHistory(t, seed.a, newEvents()))
	state, err := seed.a.ModuleManager.ExportGenesisForModules(h.ctx, seed.a.Codec, nil)
	require.NoError(t, err)
	raw, err := json.Marshal(state)
	require.NoError(t, err)
	params := cmttypes.DefaultConsensusParams()
	params.Block.MaxGas = -1
	pb := params.ToProto()
	w := &twins{t: t, watch: newReplica(t), asleep: newReplica(t), height: h.ctx.BlockHeight() - 1, now: h.ctx.BlockTime(),
		kinds: map[string]int{}}
	w.proposer = consensusKey(c.operators[0]).PubKey().Address()
	req := &abci.RequestInitChain{ChainId: testChain, InitialHeight: w.height + 1, Time: w.now, ConsensusParams: &pb, AppStateBytes: raw}
	w.watch.init(req)
	w.asleep.init(req)
	w.block(time.Second)
	w.total = supplyOf(t, w.watch.a, w.ctx())
	return w, newCrowd(w.watch.a)
}

// ctx reads the state after the last block.
func (w *twins) ctx() sdk.Context { return read(w.watch.a.CreateQueryContext(0, false)) }

// block lets both execute a block and compares what they say.
func (w *twins) block(after time.Duration, txs ...[]byte) {
	w.height, w.now = w.height+1, w.now.Add(after)
	hash := made("block %d", w.height)
	req := &abci.RequestFinalizeBlock{Height: w.height, Time: w.now, ProposerAddress: w.proposer, Hash: hash[:], Txs: txs}
	var results []*abci.ResponseFinalizeBlock
	for _, r := range []*replica{w.watch, w.asleep} {
		res, err := r.a.FinalizeBlock(req)
		require.NoError(w.t, err, "height %d", w.height)
		_, err = r.a.Commit()
		require.NoError(w.t, err)
		results = append(results, res)
	}
	require.Equal(w.t, results[0].AppHash, results[1].AppHash, "height %d", w.height)
	for i, res := range results[0].TxResults {
		if res.Code == panicked {
			w.t.Fatalf("height %d: a transaction panicked: %.2000s\n%s", w.height, res.Log, w.text(txs[i]))
		}
		if w.txs++; res.Code == 0 {
			w.ok++
			w.succeeded(txs[i])
		}
	}
	if w.height%50 == 0 {
		w.asleep.restart()
	}
	if w.height%10 == 0 {
		w.look()
	}
}

func (w *twins) succeeded(raw []byte) {
	tx, err := w.watch.a.TxConfig.TxDecoder()(raw)
	require.NoError(w.t, err)
	for _, m := range tx.GetMsgs() {
		w.kinds[sdk.MsgTypeURL(m)]++
	}
}

func (w *twins) text(raw []byte) string {
	tx, err := w.watch.a.TxConfig.TxDecoder()(raw)
	if err != nil {
		return err.Error()
	}
	text, err := w.watch.a.TxConfig.TxJSONEncoder()(tx)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// look checks the books, that no coin is gone but what was burnt, and that no message of a proposal panicked.
func (w *twins) look() {
	ctx := w.ctx()
	_, err := w.watch.a.CheckBooks(ctx)
	require.NoError(w.t, err, "height %d", w.height)
	if now := supplyOf(w.t, w.watch.a, ctx); !w.total.IsNil() {
		require.Equal(w.t, w.total.String(), now.String(), "height %d", w.height)
	}
	next, err := w.watch.a.Gov.ProposalID.Peek(ctx)
	require.NoError(w.t, err)
	for id := max(w.looked, 1); id < next; id++ {
		p, err := w.watch.a.Gov.Proposals.Get(ctx, id)
		require.NoError(w.t, err)
		require.NotContains(w.t, p.FailedReason, "PANICKED", "proposal %d: %s", id, p.Messages)
		if p.Status == govv1.StatusPassed && id > w.looked {
			w.passed++
		}
		if p.Status != govv1.StatusVotingPeriod && id == w.looked+1 {
			w.looked = id
		}
	}
}

// supplyOf is all uweft that there is and what was burnt. The sum of all balances must be what the bank thinks.
func supplyOf(t failer, a *app.App, ctx sdk.Context) math.Int {
	t.Helper()
	sum := math.ZeroInt()
	a.Bank.IterateAllBalances(ctx, func(_ sdk.AccAddress, c sdk.Coin) bool {
		if c.Denom == app.BondDenom {
			sum = sum.Add(c.Amount)
		}
		return false
	})
	if said := a.Bank.GetSupply(ctx, app.BondDenom).Amount; !said.Equal(sum) {
		t.Fatalf("the bank's supply is %s, the balances sum to %s", said, sum)
	}
	burned, err := a.Worker.Burned(ctx, app.BondDenom)
	if err != nil {
		t.Fatalf("burned: %s", err)
	}
	return sum.Add(burned.Amount)
}

// keys are accounts by their address, with what they sign next.
type keys struct {
	known map[string]*seat
	any   []*seat
}

func (w *twins) keys(list []network.Account) *keys {
	k := &keys{known: map[string]*seat{}}
	ctx := w.ctx()
	for _, a := range list {
		acc := w.watch.a.Accounts.GetAccount(ctx, a.Address())
		s := &seat{a, acc.GetAccountNumber(), acc.GetSequence()}
		k.known[string(a.Address())] = s
		k.any = append(k.any, s)
	}
	return k
}
