package protocol

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// digestPrefix names the algorithm in the text form of a digest.
const digestPrefix = "sha256-"

// Account names a worker: bech32 text on the chain, any plain name in tests.
type Account string

// Digest is a sha256 sum. Its text form is
//
//	sha256-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
type Digest [sha256.Size]byte

// ParseDigest is the strict inverse of String: it accepts exactly the text
// that String writes and nothing else.
func ParseDigest(text string) (Digest, error) {
	var d Digest
	digits, found := strings.CutPrefix(text, digestPrefix)
	if !found || len(digits) != hex.EncodedLen(len(d)) {
		return Digest{}, fmt.Errorf("digest %.80q is not of the form sha256-<64 hex digits>", text)
	}
	if _, err := hex.Decode(d[:], []byte(digits)); err != nil || d.String() != text {
		return Digest{}, fmt.Errorf("digest %.80q is not of the form sha256-<64 lower-case hex digits>", text)
	}
	return d, nil
}

// DigestOf makes a Digest of its 32 bytes; any other length is an error.
func DigestOf(raw []byte) (Digest, error) {
	var d Digest
	if len(raw) != len(d) {
		return Digest{}, fmt.Errorf("digest has %d bytes, wants %d", len(raw), len(d))
	}
	copy(d[:], raw)
	return d, nil
}

// String is the text form, "sha256-" and 64 lower-case hex digits.
func (d Digest) String() string { return digestPrefix + hex.EncodeToString(d[:]) }

// IsZero says whether the digest is all zero bytes, which stands for "none".
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText writes the text form.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the text form.
func (d *Digest) UnmarshalText(text []byte) error {
	parsed, err := ParseDigest(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
