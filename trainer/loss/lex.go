package loss

import (
	"math"
	"strconv"
	"strings"
)

// token is a piece of the text. kind is 'n' for a number, 'a' for a name, 0 at the end, or the character itself.
type token struct {
	kind   byte
	text   string
	value  float64
	column int
}

// describe names a token in an error.
func (t token) describe() string {
	if t.kind == 0 {
		return "the end"
	}
	return strconv.Quote(t.text)
}

const symbols = "+-*/^(),"

// lex cuts text into tokens; the last one is the end.
func lex(text string) ([]token, error) {
	var ts []token
	for i := 0; i < len(text); {
		c, column := text[i], i+1
		switch {
		case c == ' ':
			i++
		case strings.IndexByte(symbols, c) >= 0:
			ts = append(ts, token{kind: c, text: text[i : i+1], column: column})
			i++
		case digit(c) || c == '.':
			n := numberLen(text[i:])
			v, err := strconv.ParseFloat(text[i:i+n], 64)
			if err != nil || math.IsInf(v, 0) {
				return nil, wrong(column, "%q is not a number: write digits such as 2, 0.5 or 1e-3", text[i:i+n])
			}
			ts = append(ts, token{kind: 'n', text: text[i : i+n], value: v, column: column})
			i += n
		case letter(c):
			n := 1
			for i+n < len(text) && (letter(text[i+n]) || digit(text[i+n])) {
				n++
			}
			ts = append(ts, token{kind: 'a', text: text[i : i+n], column: column})
			i += n
		default:
			return nil, wrong(column, "the character %q has no meaning here: use numbers, names, + - * / ^, parentheses and commas", c)
		}
	}
	return append(ts, token{column: len(text) + 1}), nil
}

// numberLen is the length of the number that s begins with: digits with at most one point, and an exponent.
func numberLen(s string) int {
	i := 0
	for i < len(s) && (digit(s[i]) || s[i] == '.') {
		i++
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && digit(s[j]) {
			for j < len(s) && digit(s[j]) {
				j++
			}
			i = j
		}
	}
	return i
}

func digit(c byte) bool  { return c >= '0' && c <= '9' }
func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
