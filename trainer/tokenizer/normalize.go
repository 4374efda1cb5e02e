package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func isSpace(r rune) bool { return unicode.Is(unicode.White_Space, r) }

// insideWord reports whether s[lo:hi] touches a word character on either side.
func insideWord(s string, lo, hi int) bool {
	word := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }
	before, _ := utf8.DecodeLastRuneInString(s[:lo])
	after, _ := utf8.DecodeRuneInString(s[hi:])
	return lo > 0 && word(before) || hi < len(s) && word(after)
}

func (t *Tokenizer) normalize(n *node, s string) (string, error) {
	if n == nil {
		return s, nil
	}
	switch n.Type {
	case "Sequence":
		var err error
		for i := range n.Normalizers {
			if s, err = t.normalize(&n.Normalizers[i], s); err != nil {
				return "", err
			}
		}
	case "NFC":
		s = norm.NFC.String(s)
	case "NFD":
		s = norm.NFD.String(s)
	case "NFKC":
		s = norm.NFKC.String(s)
	case "NFKD":
		s = norm.NFKD.String(s)
	case "Lowercase":
		s = strings.ToLower(s)
	case "Strip":
		if n.StripLeft {
			s = strings.TrimLeftFunc(s, isSpace)
		}
		if n.StripRight {
			s = strings.TrimRightFunc(s, isSpace)
		}
	case "Prepend":
		if s != "" {
			s = n.Prepend + s
		}
	case "Replace":
		return n.replace(s)
	}
	return s, nil
}

// replace replaces every match of the node's pattern by its content.
func (n *node) replace(s string) (string, error) {
	if n.re == nil {
		return strings.ReplaceAll(s, n.Pattern.String, n.Content), nil
	}
	ms, err := n.re.FindAllStringIndex(s, -1)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	last := 0
	for _, m := range ms {
		b.WriteString(s[last:m[0]])
		b.WriteString(n.Content)
		last = m[1]
	}
	b.WriteString(s[last:])
	return b.String(), nil
}
