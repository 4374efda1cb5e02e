package app_test

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	modeltypes "github.com/weftnet/weft/x/model/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

var modelNames = []string{"red", "green", "blue"}

// people come, change their keys and links, and own models.
func (c *crowd) people(ctx sdk.Context) sdk.Msg {
	switch c.IntN(8) {
	case 0, 1, 2:
		return c.worker(ctx)
	case 3, 4:
		return c.link(ctx)
	case 5:
		return c.create(ctx)
	default:
		return c.own(ctx)
	}
}

// worker registers somebody, or changes its key or addresses.
func (c *crowd) worker(ctx sdk.Context) sdk.Msg {
	who := pick(c, slices.Concat(c.trainers, c.attesters, c.buyers)).String()
	b := workertypes.Binding{ChainId: testChain, Account: who}
	kind := "register"
	if res, err := c.workers.Worker(ctx, &workertypes.QueryWorkerRequest{Address: who}); err == nil {
		kind = pick(c, []string{"update", "rotate"})
		b.Nonce = res.View.Worker.Nonce
	}
	if c.one(10) {
		b.Nonce++
	}
	if c.one(2) {
		b.Addrs = []string{"/ip4/127.0.0.1/tcp/4001"}
	}
	node := c.IntN(3)
	envelope := read(b.Seal(nodeKey(who, node)))
	switch kind {
	case "register":
		return &workertypes.MsgRegister{Account: who, Envelope: envelope}
	case "update":
		return &workertypes.MsgUpdateAddrs{Account: who, Envelope: envelope}
	default:
		return &workertypes.MsgRotateKey{Account: who, Envelope: envelope}
	}
}

// link links an attester that has no validator; rarely it ends a link.
func (c *crowd) link(ctx sdk.Context) sdk.Msg {
	for _, i := range c.Perm(len(c.attesters)) {
		who := c.attesters[i].String()
		res, err := c.workers.Worker(ctx, &workertypes.QueryWorkerRequest{Address: who})
		if err == nil && res.View.Worker.Validator == "" {
			return &workertypes.MsgLinkValidator{Operator: pick(c, c.operators).ValAddress().String(), Worker: who}
		}
	}
	if !c.one(3) {
		return nil
	}
	who := pick(c, c.attesters).String()
	return &workertypes.MsgUnlink{Sender: pick(c, []string{who, who, pick(c, c.operators).String()}), Worker: who}
}

func (c *crowd) create(ctx sdk.Context) sdk.Msg {
	name := pick(c, modelNames)
	if _, err := c.models.Model(ctx, &modeltypes.QueryModelRequest{Name: name}); err == nil && !c.one(5) {
		return nil
	}
	owner := pick(c, c.owners).String()
	return newModel(name, c.spelled(owner), pick(c, []uint64{1, 100, 1_000, 1_000_000}))
}

func newModel(name, owner string, shares uint64) *modeltypes.MsgCreateModel {
	base, tokenizer, genesis := made("base"), made("tokenizer"), made("genesis of %s", name)
	return &modeltypes.MsgCreateModel{
		Owner: owner, Name: name, Base: base.Text(), Tokenizer: tokenizer.Text(), Genesis: genesis.Text(), GenesisSize: 1,
		Adapter: modeltypes.AdapterSpec{Rank: 8, Alpha: 16, Targets: []string{"q_proj"}}, Licence: "Apache-2.0", MaxShares: shares,
	}
}

// own is what owners do with models.
func (c *crowd) own(ctx sdk.Context) sdk.Msg {
	models := read(c.models.Models(ctx, &modeltypes.QueryModelsRequest{Pagination: everything})).Models
	if len(models) == 0 {
		return nil
	}
	m := pick(c, models)
	if c.one(12) {
		m.Owner = c.anybody()
	}
	switch c.IntN(6) {
	case 0:
		return &modeltypes.MsgUpdateMetadata{Owner: m.Owner, Model: m.Name, MetadataUri: "ipfs://x"}
	case 1:
		to := c.spelled(pick(c, c.owners).String())
		if c.one(8) {
			to = govAddress
		}
		return &modeltypes.MsgTransferModel{Owner: m.Owner, Model: m.Name, NewOwner: to}
	default:
		digest := c.variant(m.Name, c.IntN(variants)).Digest()
		return &modeltypes.MsgApproveRun{Owner: m.Owner, Model: m.Name, Spec: digest.Text(), Revoke: c.one(10)}
	}
}
