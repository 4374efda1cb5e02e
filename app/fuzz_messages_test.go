package app_test

import (
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
)

// TestFuzzedMessages sends messages of all four modules with random fields, signers and order, mixed with some that people mean, to two
// applications in the middle of a run, and lets votes carry out those of governance. Nothing may panic, the two must agree after every
// block, and the books must balance. WEFT_FUZZ_MESSAGES is the number of messages, WEFT_FUZZ_SEED another sequence.
func TestFuzzedMessages(t *testing.T) {
	n := numberOf(t, "WEFT_FUZZ_MESSAGES", 3000)
	w, c := newTwins(t)
	c.Rand = rand.New(rand.NewPCG(uint64(numberOf(t, "WEFT_FUZZ_SEED", 1)), 0))
	f := &fuzzer{twins: w, scribbler: scribbler{c}, voted: 1}
	require.Len(t, c.types, 34, "the messages of the four modules, and MsgSend")
	for w.msgs < n {
		f.round()
	}
	w.look()
	t.Logf("%d messages in %d transactions, %d succeeded, %d proposals passed, %d blocks; of each kind that succeeded: %v", w.msgs, w.txs,
		w.ok, w.passed, w.height, w.kinds)
	require.Greater(t, w.ok, w.txs/20, "the test tests nothing")
}

func numberOf(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

type fuzzer struct {
	*twins
	scribbler

	voted uint64 // the first proposal that was not voted on
}

// round fills a block.
func (f *fuzzer) round() {
	ctx := f.twins.ctx()
	k := f.keys(f.all())
	txs := f.votes(ctx, k)
	for range 1 + f.IntN(20) {
		txs = append(txs, f.tx(k, f.messages(ctx)))
	}
	f.Shuffle(len(txs), func(i, j int) { txs[i], txs[j] = txs[j], txs[i] })
	f.block(f.pause(), txs...)
}

// messages are those of one transaction.
func (f *fuzzer) messages(ctx sdk.Context) []sdk.Msg {
	n := 1
	if f.one(3) {
		n = 1 + f.IntN(5)
	}
	msgs := make([]sdk.Msg, n)
	sane := f.one(2) // else one bad message would fail all others nearly always
	for i := range msgs {
		switch {
		case sane:
			msgs[i] = f.move(ctx)
		case f.one(3):
			msgs[i] = f.move(ctx)
			f.mutate(msgs[i])
		default:
			msgs[i] = f.message()
		}
		msgs[i] = f.propose(msgs[i])
	}
	f.msgs += n
	return msgs
}

// propose puts a message of governance into a proposal: nobody else can sign for it.
func (f *fuzzer) propose(m sdk.Msg) sdk.Msg {
	v := reflect.ValueOf(m).Elem().FieldByName("Authority")
	if !v.IsValid() || v.String() != govAddress {
		return m
	}
	return read(govv1.NewMsgSubmitProposal([]sdk.Msg{m}, sdk.NewCoins(coin(1_000_000)), pick(f.crowd, f.operators).String(), "", "fuzz",
		"fuzz", false))
}

// votes are the validators' for every new proposal.
func (f *fuzzer) votes(ctx sdk.Context, k *keys) (txs [][]byte) {
	next := read(f.watch.a.Gov.ProposalID.Peek(ctx))
	for ; f.voted < next; f.voted++ {
		for _, op := range f.operators {
			txs = append(txs, f.tx(k, []sdk.Msg{govv1.NewMsgVote(op.Address(), f.voted, govv1.OptionYes, "")}))
		}
	}
	return txs
}

// tx signs with the keys that the messages ask for; in place of one that nobody has, with another.
func (f *fuzzer) tx(k *keys, msgs []sdk.Msg) []byte {
	var signers []*seat
	for _, m := range msgs {
		wanted, _, err := f.watch.a.Codec.GetMsgV1Signers(m)
		if err != nil {
			wanted = nil
		}
		for _, addr := range wanted {
			s := k.known[string(addr)]
			if s == nil {
				s = pick(f.crowd, k.any)
			}
			if !slices.Contains(signers, s) {
				signers = append(signers, s)
			}
		}
	}
	if len(signers) == 0 || f.one(50) {
		signers = append(signers, pick(f.crowd, k.any))
	}
	var seats []seat
	for _, s := range signers {
		seats = append(seats, *s)
	}
	raw := signed(seats, msgs...)
	res, err := f.watch.a.CheckTx(&abci.RequestCheckTx{Tx: raw, Type: abci.CheckTxType_New})
	require.NoError(f.t, err)
	if res.Code == panicked {
		f.t.Fatalf("CheckTx panicked: %.2000s\n%s", res.Log, f.twins.text(raw))
	}
	if res.Code == 0 {
		for _, s := range signers {
			s.sequence++
		}
	}
	return raw
}
