package tokenizer

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Decode returns the text of ids [tokens]. Special tokens are left out if skipSpecial.
func (t *Tokenizer) Decode(ids []int32, skipSpecial bool) string {
	var parts []string
	for _, id := range ids {
		if a, ok := t.adds[id]; ok {
			if !(skipSpecial && a.Special) {
				parts = append(parts, a.Content)
			}
			continue
		}
		if s, ok := t.text[id]; ok {
			parts = append(parts, s)
		}
	}
	if t.f.Decoder == nil {
		return strings.Join(parts, " ")
	}
	return strings.Join(decode(t.f.Decoder, parts), "")
}

func decode(n *node, parts []string) []string {
	switch n.Type {
	case "Sequence":
		for i := range n.Decoders {
			parts = decode(&n.Decoders[i], parts)
		}
	case "ByteLevel":
		return []string{fromByteLevel(strings.Join(parts, ""))}
	case "Replace":
		for i := range parts {
			parts[i] = strings.ReplaceAll(parts[i], n.Pattern.String, n.Content) // compile refuses expressions here
		}
	case "ByteFallback":
		return fromBytes(parts)
	case "Fuse":
		return []string{strings.Join(parts, "")}
	case "Strip":
		for i := range parts {
			parts[i] = strip(parts[i], n.Content, n.Start, n.Stop)
		}
	case "Metaspace":
		return fromMetaspace(n, parts)
	}
	return parts
}

func strip(s, c string, start, stop int) string {
	for ; start > 0 && c != "" && strings.HasPrefix(s, c); start-- {
		s = s[len(c):]
	}
	for ; stop > 0 && c != "" && strings.HasSuffix(s, c); stop-- {
		s = s[:len(s)-len(c)]
	}
	return s
}

func fromByteLevel(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if c, ok := runeByte[r]; ok {
			b = append(b, c)
		} else {
			b = utf8.AppendRune(b, r) // an added token's own text
		}
	}
	return strings.ToValidUTF8(string(b), "\ufffd")
}

// fromBytes joins runs of byte tokens; a run that is not UTF-8 becomes one replacement character per byte.
func fromBytes(parts []string) []string {
	var out []string
	var run []byte
	flush := func() {
		if utf8.Valid(run) {
			out = append(out, string(run))
		} else {
			out = append(out, strings.Repeat("\ufffd", len(run)))
		}
		run = run[:0]
	}
	for _, p := range parts {
		if len(p) == 6 && strings.HasPrefix(p, "<0x") && p[5] == '>' {
			if v, err := strconv.ParseUint(p[3:5], 16, 8); err == nil {
				run = append(run, byte(v))
				continue
			}
		}
		if len(run) > 0 {
			flush()
		}
		out = append(out, p)
	}
	if len(run) > 0 {
		flush()
	}
	return out
}

func fromMetaspace(n *node, parts []string) []string {
	r := n.Replacement
	if r == "" {
		r = "▁"
	}
	for i, p := range parts {
		if i == 0 && n.PrependScheme != "never" {
			p = strings.TrimPrefix(p, r)
		}
		parts[i] = strings.ReplaceAll(p, r, " ")
	}
	return parts
}
