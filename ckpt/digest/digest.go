package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

const prefix = "sha256-"

// Digest is the sha256 of some bytes. Its text form is
//
//	sha256-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//
// The zero Digest names nothing.
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

// Parse is the strict inverse of String: it accepts exactly the text that String writes.
func Parse(text string) (Digest, error) {
	var d Digest
	digits, ok := strings.CutPrefix(text, prefix)
	if !ok || len(digits) != hex.EncodedLen(len(d)) || strings.ToLower(digits) != digits {
		return Digest{}, fmt.Errorf("digest %.80q: want %s and 64 lower-case hexadecimal digits", text, prefix)
	}
	if _, err := hex.Decode(d[:], []byte(digits)); err != nil {
		return Digest{}, fmt.Errorf("digest %.80q: want %s and 64 lower-case hexadecimal digits: %w", text, prefix, err)
	}
	return d, nil
}

// Of makes a Digest of its 32 bytes; any other length is an error.
func Of(raw []byte) (Digest, error) {
	var d Digest
	if len(raw) != len(d) {
		return Digest{}, fmt.Errorf("digest has %d bytes, wants %d", len(raw), len(d))
	}
	copy(d[:], raw)
	return d, nil
}

// String is the text form.
func (d Digest) String() string { return prefix + d.Hex() }

// Hex is the digest without the name of its algorithm: what files are named after.
func (d Digest) Hex() string { return hex.EncodeToString(d[:]) }

// Short is enough of the digest for people to compare.
func (d Digest) Short() string { return hex.EncodeToString(d[:4]) }

// IsZero reports whether d names nothing.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText writes the text form, so that JSON carries it.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the text form.
func (d *Digest) UnmarshalText(text []byte) (err error) {
	*d, err = Parse(string(text))
	return err
}
