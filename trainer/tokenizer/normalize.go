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

func (t *Tokenizer) normalize(n *node, s string) string {
	if n == nil {
		return s
	}
	switch n.Type {
	case "Sequence":
		for i := range n.Normalizers {
			s = t.normalize(&n.Normalizers[i], s)
		}
	case "NFC":
		return norm.NFC.String(s)
	case "NFD":
		return norm.NFD.String(s)
	case "NFKC":
		return norm.NFKC.String(s)
	case "NFKD":
		return norm.NFKD.String(s)
	case "Lowercase":
		return strings.ToLower(s)
	case "Strip":
		if n.StripLeft {
			s = strings.TrimLeftFunc(s, isSpace)
		}
		if n.StripRight {
			s = strings.TrimRightFunc(s, isSpace)
		}
	case "Prepend":
		if s != "" {
			return n.Prepend + s
		}
	case "Replace":
		return n.replace(s)
	}
	return s
}

// replace replaces every match of the node's pattern by its content.
func (n *node) replace(s string) string {
	if n.re == nil {
		return strings.ReplaceAll(s, n.Pattern.String, n.Content)
	}
	ms, err := n.re.FindAllStringIndex(s, -1)
	if err != nil {
		return s // without a match timeout, regexp2 has no error to give
	}
	var b strings.Builder
	last := 0
	for _, m := range ms {
		b.WriteString(s[last:m[0]])
		b.WriteString(n.Content)
		last = m[1]
	}
	b.WriteString(s[last:])
	return b.String()
}
