package gossip

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// An exchange is one request of fixed size and one answer: its length (8 bytes, little-endian; all ones if it is not to
// be had) and its bytes from the place that the asker has already.

const (
	absent     = ^uint64(0)
	getChunk   = 64 << 10
	stallLimit = 20 * time.Second // a peer that sends nothing for so long is left
)

// ask sends a request and appends the answer to got, of which the asker has the first bytes already; found tells that it
// is complete.
func (h *Host) ask(ctx context.Context, p peer.ID, id protocol.ID, req []byte, limit uint64, got *[]byte) (found bool, err error) {
	s, err := h.h.NewStream(network.WithAllowLimitedConn(ctx, "get"), p, id)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	stop := context.AfterFunc(ctx, func() { _ = s.Reset() }) // the read below then fails
	defer stop()
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

// serve reads requests of size bytes and answers each with what answer returns for it, from an offset; nil is absent.
func (h *Host) serve(size int, answer func(req []byte) (b []byte, offset uint64, err error)) network.StreamHandler {
	return func(s network.Stream) {
		if err := reply(s, size, answer); err != nil {
			h.o.Log.Debug("request failed", "peer", s.Conn().RemotePeer(), "protocol", s.Protocol(), "err", err)
			if err := s.Reset(); err != nil {
				h.o.Log.Debug("reset failed", "err", err)
			}
			return
		}
		if err := s.Close(); err != nil {
			h.o.Log.Debug("close failed", "err", err)
		}
	}
}

func reply(s network.Stream, size int, answer func([]byte) ([]byte, uint64, error)) error {
	if err := s.SetDeadline(time.Now().Add(stallLimit)); err != nil {
		return err
	}
	req := make([]byte, size)
	if _, err := io.ReadFull(s, req); err != nil {
		return err
	}
	b, offset, err := answer(req)
	if err != nil {
		return err
	}
	var head [8]byte
	binary.LittleEndian.PutUint64(head[:], absent)
	if b != nil {
		binary.LittleEndian.PutUint64(head[:], uint64(len(b)))
	}
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
