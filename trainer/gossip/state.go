package gossip

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// stateProtocol serves states of a trainer's work to auditors: a request is run, round (8 bytes each), slot and leaf (4
// bytes each), little-endian.
const stateProtocol = protocol.ID("/weft/1/state")

// stateRequests bounds the states that are read and sent at one time; whoever comes then computes the state.
const stateRequests = 2

// ErrNotServed is returned when a trainer does not give a state.
var ErrNotServed = errors.New("the state is not served")

// ServeStates answers requests for states with what get returns; an error or nil is "not to be had".
func (h *Host) ServeStates(get func(run, round uint64, slot, leaf uint32) ([]byte, error)) {
	places := make(chan struct{}, stateRequests)
	h.h.SetStreamHandler(stateProtocol, h.serve(24, func(req []byte) ([]byte, uint64, error) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		default:
			return nil, 0, nil
		}
		u := binary.LittleEndian
		b, err := get(u.Uint64(req), u.Uint64(req[8:]), u.Uint32(req[16:]), u.Uint32(req[20:]))
		if err != nil {
			h.o.Log.Debug("a state is not to be had", "err", err)
			return nil, 0, nil
		}
		return b, 0, nil
	}))
}

// FetchState asks a trainer for a state of at most limit bytes.
func (h *Host) FetchState(ctx context.Context, from peer.ID, run, round uint64, slot, leaf uint32, limit uint64) ([]byte, error) {
	u := binary.LittleEndian
	req := u.AppendUint32(u.AppendUint32(u.AppendUint64(u.AppendUint64(nil, run), round), slot), leaf)
	var got []byte
	found, err := h.ask(ctx, from, stateProtocol, req, limit, &got)
	if err == nil && !found {
		err = ErrNotServed
	}
	return got, err
}

// Secret is 32 bytes that only the owner of the node key can know, and always the same ones for a label.
func (h *Host) Secret(label string) ([32]byte, error) {
	key, err := h.o.Key.Raw()
	if err != nil {
		return [32]byte{}, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("weft/secret/1" + label))
	return [32]byte(mac.Sum(nil)), nil
}
