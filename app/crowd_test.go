package app_test

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/devnet/network"
	modelkeeper "github.com/weftnet/weft/x/model/keeper"
	modeltypes "github.com/weftnet/weft/x/model/types"
	roundkeeper "github.com/weftnet/weft/x/round/keeper"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharekeeper "github.com/weftnet/weft/x/share/keeper"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workerkeeper "github.com/weftnet/weft/x/worker/keeper"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// crowd are the people of a chain. Each move is one message that somebody in the chain's present state could send; some of them lie, and
// some moves come at the wrong time. A crowd remembers nothing: the state and the dice decide.
type crowd struct {
	*rand.Rand

	operators, attesters, trainers, owners, buyers []network.Account

	codec    codec.Codec
	registry codectypes.InterfaceRegistry
	types    []string // of messages: Weft's and MsgSend

	models  modeltypes.QueryServer
	rounds  roundtypes.QueryServer
	shares  sharetypes.QueryServer
	workers workertypes.QueryServer
}

var (
	govAddress = authtypes.NewModuleAddress(govtypes.ModuleName).String()
	everything = &query.PageRequest{Limit: 1000}
)

func newCrowd(a *app.App) *crowd {
	c := &crowd{
		codec: a.Codec, registry: a.Registry, types: []string{sdk.MsgTypeURL(&banktypes.MsgSend{})},
		operators: accounts("v", 4), attesters: accounts("a", 4), trainers: accounts("t", 5), owners: accounts("o", 2),
		buyers: append(accounts("b", 2), network.Account{Name: "poor", Key: network.NewAccount("poor").Key, Coins: sdk.NewCoins(coin(700))}),
		models: modelkeeper.NewQueryServer(a.Model), rounds: roundkeeper.NewQueryServer(a.Round),
		shares: sharekeeper.NewQueryServer(a.Share), workers: workerkeeper.NewQueryServer(a.Worker),
	}
	for _, url := range a.Registry.ListImplementations(sdk.MsgInterfaceProtoName) {
		if strings.HasPrefix(url, "/weft.") {
			c.types = append(c.types, url)
		}
	}
	slices.Sort(c.types)
	return c
}

// others are all accounts that operate no validator.
func (c *crowd) others() []network.Account {
	return slices.Concat(c.attesters, c.trainers, c.owners, c.buyers)
}

func (c *crowd) all() []network.Account { return append(c.others(), c.operators...) }

// move is somebody's next message.
func (c *crowd) move(ctx sdk.Context) sdk.Msg {
	moves := []func(sdk.Context) sdk.Msg{c.money, c.money, c.people, c.govern}
	if c.one(30) {
		return c.stray()
	}
	if c.one(15) { // rarely more: a slash is to be executed sometimes, too
		if m := c.pardon(ctx); m != nil {
			return m
		}
	}
	for {
		var m sdk.Msg
		if c.one(5) {
			m = pick(c, moves)(ctx)
		} else {
			m = c.training(ctx)
		}
		if m != nil {
			return m
		}
		// Nobody has anything to do there now.
		if m = pick(c, moves)(ctx); m != nil {
			return m
		}
	}
}

// stray is a message of no sense that somebody could sign, or that a vote could carry out.
func (c *crowd) stray() sdk.Msg {
	for {
		m := scribbler{c}.message()
		raw, err := c.codec.MarshalInterface(m)
		if err == nil && c.codec.UnmarshalInterface(raw, &m) == nil && c.signable(m) { // as a transaction would bring it
			return m
		}
	}
}

func (c *crowd) signable(m sdk.Msg) bool {
	signers, _, err := c.codec.GetMsgV1Signers(m)
	return err == nil && !slices.ContainsFunc(signers, func(s []byte) bool {
		text := sdk.AccAddress(s).String()
		return !(text == govAddress && sdk.MsgTypeURL(m) != c.types[0]) &&
			!slices.ContainsFunc(c.all(), func(a network.Account) bool { return a.String() == text })
	})
}

// one is true once in n times.
func (c *crowd) one(n int) bool { return c.IntN(n) == 0 }

func pick[T any](c *crowd, list []T) T { return list[c.IntN(len(list))] }

func (c *crowd) anybody() string { return pick(c, c.all()).String() }

// nodeKey is one of the few node keys of an account.
func nodeKey(account string, n int) crypto.PrivKey {
	seed := made("node %s %d", account, n)
	key, _, err := crypto.GenerateEd25519Key(newByteReader(seed[:]))
	must(err)
	return key
}

// newByteReader reads the same bytes again and again.
func newByteReader(seed []byte) *byteReader { return &byteReader{seed: seed} }

type byteReader struct {
	seed []byte
	at   int
}

func (r *byteReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.seed[r.at%len(r.seed)]
		r.at++
	}
	return len(p), nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func read[T any](v T, err error) T {
	must(err)
	return v
}
