package gossip

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// snapshotProtocol serves snapshots of a trainer's work to auditors: a request is run, round (8 bytes each), slot and leaf (4
// bytes each), little-endian.
const snapshotProtocol = protocol.ID("/weft/1/snapshot")

// snapshotRequests bounds the snapshots that are read and sent at one time; whoever comes then computes the snapshot.
const snapshotRequests = 2

// ErrNotServed is returned when a trainer does not give a snapshot.
var ErrNotServed = errors.New("the snapshot is not served")

// ServeSnapshots answers requests for snapshots with what get returns; an error or nil is "not to be had".
func (h *Host) ServeSnapshots(get func(run, round uint64, slot, leaf uint32) ([]byte, error)) {
	places := make(chan struct{}, snapshotRequests)
	h.h.SetStreamHandler(snapshotProtocol, h.serve(24, func(req []byte) ([]byte, uint64, error) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		default:
			return nil, 0, nil
		}
		u := binary.LittleEndian
		b, err := get(u.Uint64(req), u.Uint64(req[8:]), u.Uint32(req[16:]), u.Uint32(req[20:]))
		if err != nil {
			h.o.Log.Debug("a snapshot is not to be had", "err", err)
			return nil, 0, nil
		}
		return b, 0, nil
	}))
}

// FetchSnapshot asks a trainer for a snapshot of at most limit bytes.
func (h *Host) FetchSnapshot(ctx context.Context, from peer.ID, run, round uint64, slot, leaf uint32, limit uint64) ([]byte, error) {
	u := binary.LittleEndian
	req := u.AppendUint32(u.AppendUint32(u.AppendUint64(u.AppendUint64(nil, run), round), slot), leaf)
	var got []byte
	found, err := h.ask(ctx, from, snapshotProtocol, req, limit, &got)
	if err == nil && !found {
		err = ErrNotServed
	}
	return got, err
}
