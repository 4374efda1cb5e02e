package types

import (
	"bytes"
	"strings"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/crypto/pb"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/record"
)

// maxEnvelope bounds an envelope: 8 addresses of 128 bytes, two names, a key and a signature are well below.
const maxEnvelope = 4096

var (
	_            record.Record = (*Binding)(nil)
	bindingCodec               = []byte("/weft/1/binding")
)

// Domain separates the signature from all other uses of the node key.
func (*Binding) Domain() string { return "weft-worker-binding/1" }

// Codec names the payload.
func (*Binding) Codec() []byte { return bindingCodec }

// MarshalRecord returns the protobuf bytes.
func (b *Binding) MarshalRecord() ([]byte, error) { return b.Marshal() }

// UnmarshalRecord is the strict inverse of MarshalRecord: it refuses bytes that MarshalRecord would not write.
func (b *Binding) UnmarshalRecord(raw []byte) error {
	*b = Binding{}
	if err := b.Unmarshal(raw); err != nil {
		return err
	}
	again, err := b.Marshal()
	if err != nil {
		return err
	}
	if !bytes.Equal(raw, again) {
		return ErrEnvelope.Wrap("not the canonical encoding")
	}
	return nil
}

// Seal signs the binding with the node key and returns the envelope that MsgRegister, MsgUpdateAddrs and MsgRotateKey carry.
func (b *Binding) Seal(node crypto.PrivKey) ([]byte, error) {
	e, err := record.Seal(b, node)
	if err != nil {
		return nil, err
	}
	return e.Marshal()
}

// OpenBinding checks an envelope's signature and returns what was signed and by whom. Only Ed25519 node keys are accepted: the chain
// depends on no other signature scheme of libp2p.
func OpenBinding(envelope []byte) (Binding, peer.ID, error) {
	if len(envelope) > maxEnvelope {
		return Binding{}, "", ErrEnvelope.Wrapf("%d bytes, at most %d", len(envelope), maxEnvelope)
	}
	e, err := record.UnmarshalEnvelope(envelope)
	if err != nil {
		return Binding{}, "", ErrEnvelope.Wrap(err.Error())
	}
	if e.PublicKey.Type() != pb.KeyType_Ed25519 || !bytes.Equal(e.PayloadType, bindingCodec) {
		return Binding{}, "", ErrEnvelope.Wrap("want a binding signed by an Ed25519 key")
	}
	var b Binding
	if e, err = record.ConsumeTypedEnvelope(envelope, &b); err != nil {
		return Binding{}, "", ErrEnvelope.Wrap(err.Error())
	}
	id, err := peer.IDFromPublicKey(e.PublicKey)
	if err != nil {
		return Binding{}, "", ErrEnvelope.Wrap(err.Error())
	}
	return b, id, nil
}

// Check compares a binding with what the chain expects to be signed, and checks its addresses.
func (b *Binding) Check(chainID, account string, nonce uint64) error {
	if b.ChainId != chainID || b.Account != account || b.Nonce != nonce {
		return ErrBinding.Wrapf("signed for chain %q, account %q, nonce %d; want %q, %q, %d", b.ChainId, b.Account, b.Nonce, chainID, account,
			nonce)
	}
	return ValidateAddrs(b.Addrs)
}

// ValidateAddrs checks number, length and characters. Whether text is a multiaddress that can be dialled is for the dialler to say: the
// chain must not depend on a library that learns new protocols.
func ValidateAddrs(addrs []string) error {
	if len(addrs) > MaxAddrs {
		return ErrInvalid.Wrapf("%d addresses, at most %d", len(addrs), MaxAddrs)
	}
	for _, a := range addrs {
		odd := strings.ContainsFunc(a, func(r rune) bool { return r <= ' ' || r > '~' })
		if len(a) < 2 || len(a) > MaxAddrLen || a[0] != '/' || odd {
			return ErrInvalid.Wrapf("address %.140q: want a multiaddress of at most %d bytes", a, MaxAddrLen)
		}
	}
	return nil
}
