package ckpt

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

const digestPrefix = "sha256-"

// Digest is the sha256 of some bytes. Its text form is sha256-<64 hex digits>; the zero Digest names nothing.
type Digest [sha256.Size]byte

// Sum is the digest of b.
func Sum(b []byte) Digest { return sha256.Sum256(b) }

// SumReader is the digest of everything r yields.
func SumReader(r io.Reader) (Digest, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return Digest{}, err
	}
	return Digest(h.Sum(nil)), nil
}

// ParseDigest is the strict inverse of String.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	h, ok := strings.CutPrefix(s, digestPrefix)
	if !ok || len(h) != 2*len(d) || strings.ToLower(h) != h {
		return d, fmt.Errorf("digest %.80q: want %s and 64 lower-case hexadecimal digits", s, digestPrefix)
	}
	if _, err := hex.Decode(d[:], []byte(h)); err != nil {
		return Digest{}, fmt.Errorf("digest %.80q: %w", s, err)
	}
	return d, nil
}

// String is sha256-<hex>.
func (d Digest) String() string { return digestPrefix + hex.EncodeToString(d[:]) }

// Short is enough of the digest for people to compare.
func (d Digest) Short() string { return hex.EncodeToString(d[:4]) }

// IsZero reports whether d names nothing.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText and UnmarshalText let JSON carry digests as text.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText parses the text form.
func (d *Digest) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDigest(string(b))
	return err
}
