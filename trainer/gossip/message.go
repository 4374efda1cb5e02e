package gossip

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/weftnet/weft/ckpt/digest"
)

// Sizes are constants of the protocol: peers that disagree about them cannot talk.
const (
	PieceSize    = 128 << 10 // bytes of a body in one message
	MaxGossip    = 2 << 20   // larger bodies are fetched by stream
	MaxHeader    = 4 << 10   // an announcement
	maxMessage   = 1 << 20   // of a whole RPC
	noPiece      = -1
	maxPieceList = MaxGossip / PieceSize
)

// Announcement names a slot's body. It is signed by the node key through GossipSub.
type Announcement struct {
	Run     uint64          `json:"run"`
	Round   uint64          `json:"round"`
	Slot    uint32          `json:"slot"`
	Trainer string          `json:"trainer"`
	Body    digest.Digest   `json:"body"`
	Size    uint64          `json:"size"`
	Pieces  []digest.Digest `json:"pieces"`  // of PieceSize bytes each; empty for a body above MaxGossip
	Attempt uint32          `json:"attempt"` // makes a repeated announcement a new message
	Piece   int             `json:"piece"`   // index of the piece that follows; -1: none
}

var (
	errMalformed = errors.New("malformed message")
	errTooLarge  = errors.New("message is too large")
)

// encode is the header's length (4 bytes, little-endian), the header and the piece.
func (a Announcement) encode(piece []byte) ([]byte, error) {
	h, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	if len(h) > MaxHeader {
		return nil, fmt.Errorf("%w: announcement of %d bytes", errTooLarge, len(h))
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(h)))
	return append(append(b, h...), piece...), nil
}

// parseMessage is the inverse of encode. It checks everything that needs no chain: form, sizes, and the piece's digest.
func parseMessage(b []byte) (a Announcement, piece []byte, err error) {
	if len(b) < 4 {
		return a, nil, errMalformed
	}
	n := binary.LittleEndian.Uint32(b)
	if n > MaxHeader || int(n) > len(b)-4 || len(b)-4-int(n) > PieceSize {
		return a, nil, errTooLarge
	}
	d := json.NewDecoder(bytes.NewReader(b[4 : 4+n]))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return a, nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	piece = b[4+n:]
	want := 0
	if a.Size <= MaxGossip {
		want = int((a.Size + PieceSize - 1) / PieceSize)
	}
	if len(a.Pieces) != want || a.Size == 0 || a.Body.IsZero() || a.Piece < noPiece || a.Piece >= len(a.Pieces) {
		return a, nil, fmt.Errorf("%w: %d pieces for %d bytes", errMalformed, len(a.Pieces), a.Size)
	}
	if a.Piece == noPiece {
		if len(piece) != 0 {
			return a, nil, errMalformed
		}
		return a, nil, nil
	}
	if uint64(len(piece)) != min(PieceSize, a.Size-uint64(a.Piece)*PieceSize) || digest.Sum(piece) != a.Pieces[a.Piece] {
		return a, nil, fmt.Errorf("%w: piece %d is not what its digest says", errMalformed, a.Piece)
	}
	return a, piece, nil
}

// messages are the announcement of a body and its pieces, ready to be published.
func messages(a Announcement, body []byte) ([][]byte, error) {
	a.Body, a.Size, a.Piece = digest.Sum(body), uint64(len(body)), noPiece
	if len(body) > MaxGossip {
		m, err := a.encode(nil)
		return [][]byte{m}, err
	}
	var pieces [][]byte
	for rest := body; len(rest) > 0; {
		n := min(PieceSize, len(rest))
		pieces = append(pieces, rest[:n])
		a.Pieces = append(a.Pieces, digest.Sum(rest[:n]))
		rest = rest[n:]
	}
	var out [][]byte
	for i, p := range pieces {
		a.Piece = i
		m, err := a.encode(p)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}
