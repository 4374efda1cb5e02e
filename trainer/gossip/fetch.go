package gossip

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
)

// getProtocol serves blobs: a request is a digest and an offset (8 bytes, little-endian).
const getProtocol = protocol.ID("/weft/1/get")

const requestSize = 40

// ErrNoHolder is returned when no connected peer could give a blob.
var ErrNoHolder = errors.New("no connected peer has it")

// blob answers a request for a blob that is offered.
func (h *Host) blob(req []byte) ([]byte, uint64, error) {
	d, offset := digest.Digest(req[:32]), binary.LittleEndian.Uint64(req[32:])
	if !h.Offered(d) {
		return nil, 0, nil
	}
	b, err := ckpt.GetBytes(h.o.Store, d, maxBlob)
	if errors.Is(err, ckpt.ErrNotFound) {
		return nil, 0, nil
	}
	return b, offset, err
}

// maxBlob bounds what is served and fetched.
const maxBlob = 4 << 30

// Fetch gets a blob of at most limit bytes from any connected holder, preferred ones first, going on where another
// stopped; it checks the digest, stores and offers it.
func (h *Host) Fetch(ctx context.Context, d digest.Digest, limit uint64, prefer ...peer.ID) error {
	if ok, err := h.o.Store.Has(d); err != nil || ok {
		return err
	}
	var got []byte
	var errs []error
	peers := slices.Concat(prefer, h.Peers())
	for i, p := range peers {
		if slices.Contains(peers[:i], p) || p == "" || p == h.ID() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		whole, err := h.get(ctx, p, d, limit, &got)
		if err == nil && whole && digest.Sum(got) != d {
			err = fmt.Errorf("sent bytes that hash to %s", digest.Sum(got))
			got = nil // one of the senders lied: begin again with the next
		}
		if err == nil && whole {
			if _, err := h.o.Store.Put(bytes.NewReader(got)); err != nil {
				return err
			}
			h.Offer(d)
			return nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p, err))
		}
	}
	return errors.Join(fmt.Errorf("fetch %s: %w (%d peers connected)", d, ErrNoHolder, len(h.Peers())), errors.Join(errs...))
}

// get appends to got what p has beyond it; whole tells that the blob is complete.
func (h *Host) get(ctx context.Context, p peer.ID, d digest.Digest, limit uint64, got *[]byte) (whole bool, err error) {
	return h.ask(ctx, p, getProtocol, binary.LittleEndian.AppendUint64(d[:], uint64(len(*got))), limit, got)
}
