package gossip

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/weftnet/weft/ckpt"
)

// getProtocol serves blobs: the request is a digest and an offset (8 bytes, little-endian); the answer is the blob's
// size (8 bytes; all ones if it is not offered) and its bytes from the offset.
const getProtocol = protocol.ID("/weft/1/get")

const (
	absent      = ^uint64(0)
	getChunk    = 64 << 10
	stallLimit  = 20 * time.Second // a holder that sends nothing for so long is left
	requestSize = 40
)

// ErrNoHolder is returned when no connected peer could give a blob.
var ErrNoHolder = errors.New("no connected peer has it")

func (h *Host) serveGet(s network.Stream) {
	if err := h.answer(s); err != nil {
		h.o.Log.Debug("get failed", "peer", s.Conn().RemotePeer(), "err", err)
		if err := s.Reset(); err != nil {
			h.o.Log.Debug("reset failed", "err", err)
		}
		return
	}
	if err := s.Close(); err != nil {
		h.o.Log.Debug("close failed", "err", err)
	}
}

func (h *Host) answer(s network.Stream) (err error) {
	if err := s.SetDeadline(time.Now().Add(stallLimit)); err != nil {
		return err
	}
	var req [requestSize]byte
	if _, err := io.ReadFull(s, req[:]); err != nil {
		return err
	}
	d, offset := ckpt.Digest(req[:32]), binary.LittleEndian.Uint64(req[32:])
	var head [8]byte
	binary.LittleEndian.PutUint64(head[:], absent)
	if !h.offered(d) {
		_, err := s.Write(head[:])
		return err
	}
	b, err := ckpt.GetBytes(h.o.Store, d, maxBlob)
	if errors.Is(err, ckpt.ErrNotFound) {
		_, err := s.Write(head[:])
		return err
	}
	if err != nil {
		return err
	}
	binary.LittleEndian.PutUint64(head[:], uint64(len(b)))
	if _, err := s.Write(head[:]); err != nil {
		return err
	}
	for rest := b[min(offset, uint64(len(b))):]; len(rest) > 0; {
		n := min(getChunk, len(rest))
		if err := s.SetWriteDeadline(time.Now().Add(stallLimit)); err != nil {
			return err
		}
		if _, err := s.Write(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// maxBlob bounds what is served and fetched.
const maxBlob = 4 << 30

// Fetch gets a blob of at most limit bytes from any connected holder, preferred ones first, going on where another
// stopped; it checks the digest, stores and offers it.
func (h *Host) Fetch(ctx context.Context, d ckpt.Digest, limit uint64, prefer ...peer.ID) error {
	if ok, err := h.o.Store.Has(d); err != nil || ok {
		return err
	}
	var got []byte
	var errs []error
	peers := slices.Concat(prefer, h.Peers())
	for i, p := range peers {
		if slices.Contains(peers[:i], p) || p == h.ID() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		whole, err := h.get(ctx, p, d, limit, &got)
		if err == nil && whole && ckpt.Sum(got) != d {
			err = fmt.Errorf("sent bytes that hash to %s", ckpt.Sum(got))
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
func (h *Host) get(ctx context.Context, p peer.ID, d ckpt.Digest, limit uint64, got *[]byte) (whole bool, err error) {
	s, err := h.h.NewStream(network.WithAllowLimitedConn(ctx, "get"), p, getProtocol)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	stop := context.AfterFunc(ctx, func() { _ = s.Reset() }) // the read below then fails
	defer stop()
	req := binary.LittleEndian.AppendUint64(d[:], uint64(len(*got)))
	if err := s.SetDeadline(time.Now().Add(stallLimit)); err != nil {
		return false, err
	}
	if _, err := s.Write(req); err != nil {
		return false, err
	}
	var head [8]byte
	if _, err := io.ReadFull(s, head[:]); err != nil {
		return false, err
	}
	size := binary.LittleEndian.Uint64(head[:])
	if size == absent {
		return false, nil
	}
	if size > limit || size < uint64(len(*got)) {
		return false, fmt.Errorf("claims %d bytes, at most %d are expected", size, limit)
	}
	buf := make([]byte, getChunk)
	for uint64(len(*got)) < size {
		if err := s.SetReadDeadline(time.Now().Add(stallLimit)); err != nil {
			return false, err
		}
		n, err := s.Read(buf[:min(getChunk, size-uint64(len(*got)))])
		*got = append(*got, buf[:n]...)
		if err != nil && uint64(len(*got)) < size {
			return false, err
		}
	}
	return true, nil
}
