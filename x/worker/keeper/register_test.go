package keeper_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/x/worker/types"
)

func TestRegisterUpdateRotate(t *testing.T) {
	c := newChain(t)
	key, next := nodeKey(t), nodeKey(t)
	me := account(0).String()
	addrs := []string{"/ip4/127.0.0.1/udp/4001/quic-v1"}
	r, err := c.msg.Register(c.ctx, &types.MsgRegister{Account: me,
		Envelope: seal(t, key, types.Binding{ChainId: chainID, Account: me, Addrs: addrs})})
	require.NoError(t, err)
	id, err := peer.IDFromPrivateKey(key)
	require.NoError(t, err)
	require.Equal(t, id.String(), r.PeerId)
	require.ErrorIs(t, c.register(t, 0, next), types.ErrRegistered)
	require.ErrorIs(t, c.register(t, 1, key), types.ErrPeerTaken)

	update := func(k crypto.PrivKey, nonce uint64, addrs ...string) error {
		_, err := c.msg.UpdateAddrs(c.ctx, &types.MsgUpdateAddrs{Account: me,
			Envelope: seal(t, k, types.Binding{ChainId: chainID, Account: me, Nonce: nonce, Addrs: addrs})})
		return err
	}
	require.ErrorIs(t, update(key, 0), types.ErrBinding)
	require.ErrorIs(t, update(next, 1), types.ErrWrongPeer)
	require.NoError(t, update(key, 1, "/ip4/10.0.0.1/tcp/1"))

	rotate := func(k crypto.PrivKey, nonce uint64) error {
		_, err := c.msg.RotateKey(c.ctx, &types.MsgRotateKey{Account: me,
			Envelope: seal(t, k, types.Binding{ChainId: chainID, Account: me, Nonce: nonce})})
		return err
	}
	require.ErrorIs(t, rotate(key, 2), types.ErrPeerTaken)
	require.NoError(t, rotate(next, 2))
	require.ErrorIs(t, update(key, 3), types.ErrWrongPeer)
	_, err = c.q.WorkerByPeer(c.ctx, &types.QueryWorkerByPeerRequest{PeerId: id.String()})
	require.ErrorIs(t, err, types.ErrNoWorker)
	require.NoError(t, c.register(t, 1, key), "a key that was given up is free")
	w, err := c.q.Worker(c.ctx, &types.QueryWorkerRequest{Address: me})
	require.NoError(t, err)
	require.EqualValues(t, 3, w.View.Worker.Nonce)
	require.EqualValues(t, 7, w.View.Worker.RegisteredHeight)
	all, err := c.q.Workers(c.ctx, &types.QueryWorkersRequest{})
	require.NoError(t, err)
	require.Len(t, all.Workers, 2)
}

func TestRegisterRefusesForeignEnvelopes(t *testing.T) {
	c := newChain(t)
	key, me := nodeKey(t), account(0).String()
	good := types.Binding{ChainId: chainID, Account: me}
	sealed := seal(t, key, good)
	flipped := append([]byte{}, sealed...)
	flipped[len(flipped)-1] ^= 1
	secp, _, err := crypto.GenerateSecp256k1Key(rand.Reader)
	require.NoError(t, err)
	long := make([]string, types.MaxAddrs+1)
	for i := range long {
		long[i] = "/ip4/1.2.3.4"
	}
	for name, tc := range map[string]struct {
		envelope []byte
		want     error
	}{
		"flipped":  {flipped, types.ErrEnvelope},
		"empty":    {nil, types.ErrEnvelope},
		"long":     {make([]byte, 5000), types.ErrEnvelope},
		"key type": {seal(t, secp, good), types.ErrEnvelope},
		"chain":    {seal(t, key, types.Binding{ChainId: "other", Account: me}), types.ErrBinding},
		"account":  {seal(t, key, types.Binding{ChainId: chainID, Account: account(1).String()}), types.ErrBinding},
		"nonce":    {seal(t, key, types.Binding{ChainId: chainID, Account: me, Nonce: 1}), types.ErrBinding},
		"addrs":    {seal(t, key, types.Binding{ChainId: chainID, Account: me, Addrs: long}), types.ErrInvalid},
		"addr":     {seal(t, key, types.Binding{ChainId: chainID, Account: me, Addrs: []string{"ip4"}}), types.ErrInvalid},
		"addr long": {seal(t, key, types.Binding{ChainId: chainID, Account: me, Addrs: []string{"/" + strings.Repeat("a", 128)}}),
			types.ErrInvalid},
		"addr text": {seal(t, key, types.Binding{ChainId: chainID, Account: me, Addrs: []string{"/ip4/\n"}}), types.ErrInvalid},
	} {
		_, err := c.msg.Register(c.ctx, &types.MsgRegister{Account: me, Envelope: tc.envelope})
		require.ErrorIs(t, err, tc.want, name)
	}
}

func FuzzOpenBinding(f *testing.F) {
	key := nodeKey(f)
	b := types.Binding{ChainId: chainID, Account: account(0).String(), Nonce: 3, Addrs: []string{"/ip4/1.2.3.4/tcp/5"}}
	f.Add(seal(f, key, b))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, _, err := types.OpenBinding(raw)
		if err != nil {
			return
		}
		if _, err := got.MarshalRecord(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLink(t *testing.T) {
	c := newChain(t)
	for i := range 3 {
		require.NoError(t, c.register(t, i, nodeKey(t)))
	}
	link := func(op, who int) error {
		_, err := c.msg.LinkValidator(c.ctx, &types.MsgLinkValidator{Operator: operator(op).String(), Worker: account(who).String()})
		return err
	}
	unlink := func(sender, who int) error {
		_, err := c.msg.Unlink(c.ctx, &types.MsgUnlink{Sender: account(sender).String(), Worker: account(who).String()})
		return err
	}
	weight := func(who int) uint64 {
		w, err := c.k.Weight(c.ctx, account(who))
		require.NoError(t, err)
		return w
	}
	require.ErrorIs(t, link(9, 0), types.ErrNoValidator)
	require.ErrorIs(t, link(1, 9), types.ErrNoWorker)
	require.NoError(t, link(1, 0))
	require.ErrorIs(t, link(1, 1), types.ErrLinked)
	require.ErrorIs(t, link(2, 0), types.ErrLinked)
	require.EqualValues(t, 200, weight(0))
	require.Zero(t, weight(1))
	require.Zero(t, weight(9))
	v, err := c.q.WorkerByValidator(c.ctx, &types.QueryWorkerByValidatorRequest{Validator: operator(1).String()})
	require.NoError(t, err)
	require.Equal(t, account(0).String(), v.View.Worker.Address)
	require.EqualValues(t, 200, v.View.Weight)

	val := c.vals[string(operator(1))]
	val.Jailed = true
	c.vals[string(operator(1))] = val
	require.Zero(t, weight(0))
	val.Jailed, val.Status = false, 2
	c.vals[string(operator(1))] = val
	require.Zero(t, weight(0))
	delete(c.vals, string(operator(1)))
	require.Zero(t, weight(0))

	require.ErrorIs(t, unlink(2, 0), types.ErrInvalid)
	require.NoError(t, unlink(101, 0)) // the operator's own account
	require.ErrorIs(t, unlink(0, 0), types.ErrNotLinked)
	require.NoError(t, link(2, 0))
	require.NoError(t, unlink(0, 0))
	require.NoError(t, link(2, 1))
}
