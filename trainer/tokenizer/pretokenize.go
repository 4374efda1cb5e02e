package tokenizer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

// gpt2Split is the pattern of byte-level pre-tokenizers (Radford et al., 2019, encoder.py).
var gpt2Split = regexp2.MustCompile(`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`)

var wordSplit = regexp2.MustCompile(`\w+|[^\w\s]+`)

// byteRune and runeByte are GPT-2's printable alphabet for bytes.
var byteRune, runeByte = func() (to [256]rune, from map[rune]byte) {
	from = map[rune]byte{}
	n := rune(256)
	for i := range to {
		to[i] = rune(i)
		if !(i >= 33 && i <= 126 || i >= 161 && i <= 172 || i >= 174) {
			to[i] = n
			n++
		}
		from[to[i]] = byte(i)
	}
	return to, from
}()

func byteLevel(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(byteRune[s[i]])
	}
	return b.String()
}

func (t *Tokenizer) preTokenize(n *node, in []string, atStart bool) ([]string, error) {
	if n == nil {
		return in, nil
	}
	if n.Type == "Sequence" {
		var err error
		for i := range n.Pretokenizers {
			if in, err = t.preTokenize(&n.Pretokenizers[i], in, atStart); err != nil {
				return nil, err
			}
		}
		return in, nil
	}
	var out []string
	for i, s := range in {
		parts, err := n.pieces(s, atStart && i == 0)
		if err != nil {
			return nil, err
		}
		out = append(out, parts...)
	}
	return out, nil
}

// pieces splits one word by one pre-tokenizer.
func (n *node) pieces(s string, atStart bool) ([]string, error) {
	switch n.Type {
	case "Split":
		ms, err := n.matches(s)
		if err != nil {
			return nil, err
		}
		return divide(s, ms, n.Behavior, n.Invert), nil
	case "Digits":
		return digits(s, n.IndividualDigits), nil
	case "ByteLevel":
		return n.byteLevel(s)
	case "Metaspace":
		return n.metaspace(s, atStart), nil
	case "Punctuation":
		return divide(s, runs(s, isPunct), n.Behavior, false), nil
	case "Whitespace":
		ms, err := wordSplit.FindAllStringIndex(s, -1)
		return divide(s, ms, "Removed", true), err
	case "WhitespaceSplit":
		return strings.FieldsFunc(s, isSpace), nil
	}
	return nil, fmt.Errorf("tokenizer: pre-tokenizer %q", n.Type)
}

func (n *node) byteLevel(s string) ([]string, error) {
	if n.AddPrefixSpace && !strings.HasPrefix(s, " ") {
		s = " " + s
	}
	if n.UseRegex != nil && !*n.UseRegex {
		return []string{byteLevel(s)}, nil
	}
	ms, err := gpt2Split.FindAllStringIndex(s, -1)
	parts := divide(s, ms, "Isolated", false)
	for i := range parts {
		parts[i] = byteLevel(parts[i])
	}
	return parts, err
}

func (n *node) metaspace(s string, atStart bool) []string {
	r := n.Replacement
	if r == "" {
		r = "▁"
	}
	s = strings.ReplaceAll(s, " ", r)
	always := n.PrependScheme == "always" || n.PrependScheme == "" && n.AddPrefixSpace
	if (always || n.PrependScheme == "first" && atStart) && !strings.HasPrefix(s, r) {
		s = r + s
	}
	if n.Split != nil && !*n.Split {
		return []string{s}
	}
	var ms [][]int
	for i := 0; ; {
		j := strings.Index(s[i:], r)
		if j < 0 {
			return divide(s, ms, "MergedWithNext", false)
		}
		ms = append(ms, []int{i + j, i + j + len(r)})
		i += j + len(r)
	}
}

// matches finds the node's pattern, a regular expression or a plain string: [matches][2], the bytes [lo,hi) of each.
func (n *node) matches(s string) ([][]int, error) {
	if n.re != nil {
		return n.re.FindAllStringIndex(s, -1)
	}
	var ms [][]int
	for i := 0; n.Pattern.String != ""; {
		j := strings.Index(s[i:], n.Pattern.String)
		if j < 0 {
			break
		}
		ms = append(ms, []int{i + j, i + j + len(n.Pattern.String)})
		i += j + len(n.Pattern.String)
	}
	return ms, nil
}

type span struct {
	lo, hi int
	match  bool
}

// divide splits s at the matches ms [matches][2] in one of the reference library's ways.
func divide(s string, ms [][]int, behavior string, invert bool) []string {
	var spans []span
	last := 0
	for _, m := range ms {
		if m[0] > last {
			spans = append(spans, span{last, m[0], invert})
		}
		if m[1] > m[0] {
			spans = append(spans, span{m[0], m[1], !invert})
		}
		last = max(last, m[1])
	}
	if last < len(s) {
		spans = append(spans, span{last, len(s), invert})
	}
	var out []span
	for i, p := range spans {
		prev := len(out) - 1
		switch behavior {
		case "Removed":
			if p.match {
				continue
			}
		case "MergedWithPrevious":
			if p.match && i > 0 && !spans[i-1].match {
				out[prev].hi = p.hi
				continue
			}
		case "MergedWithNext":
			if !p.match && i > 0 && spans[i-1].match {
				out[prev].hi = p.hi
				continue
			}
		case "Contiguous":
			if i > 0 && p.match == spans[i-1].match {
				out[prev].hi = p.hi
				continue
			}
		}
		out = append(out, p)
	}
	parts := make([]string, len(out))
	for i, p := range out {
		parts[i] = s[p.lo:p.hi]
	}
	return parts
}

// runs returns each rune that f accepts as a match, [matches][2].
func runs(s string, f func(rune) bool) (ms [][]int) {
	for i, r := range s {
		if f(r) {
			ms = append(ms, []int{i, i + utf8.RuneLen(r)})
		}
	}
	return ms
}

func digits(s string, individual bool) []string {
	behavior := "Contiguous"
	if individual {
		behavior = "Isolated"
	}
	return divide(s, runs(s, unicode.IsNumber), behavior, false)
}

func isPunct(r rune) bool {
	return r < 128 && strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", r) || unicode.IsPunct(r)
}
