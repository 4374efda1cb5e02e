package digest

import "errors"

var errZero = errors.New("a digest of zeros names nothing: leave it empty")

// Text is String, but "" for the zero Digest: messages and states carry digests in this form, and some of them may name
// nothing.
func (d Digest) Text() string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// ParseText is the strict inverse of Text: "" is the zero Digest, which has no other spelling.
func ParseText(text string) (Digest, error) {
	if text == "" {
		return Digest{}, nil
	}
	d, err := Parse(text)
	if err == nil && d.IsZero() {
		return Digest{}, errZero
	}
	return d, err
}
