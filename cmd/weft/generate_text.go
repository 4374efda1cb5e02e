package main

import "strings"

// decoder turns tokens into text.
type decoder interface {
	Decode(ids []int32, skipSpecial bool) string
}

// answer is a text under way: what is certain to stay, which is what people may see already.
type answer struct {
	ids   []int32
	text  string // without what may still change or turn out to begin a stop text
	whole string // with it
	shown int    // bytes of text that fresh has given
}

// add appends a token and tells whether the answer goes on: it ends before the first stop text.
func (a *answer) add(d decoder, id int32, stop []string) bool {
	a.ids = append(a.ids, id)
	a.whole = d.Decode(a.ids, true)
	end := len(a.whole)
	for _, s := range stop {
		if i := strings.Index(a.whole, s); i >= 0 {
			end = min(end, i)
		}
	}
	if end < len(a.whole) {
		a.whole = a.whole[:end]
		a.finish()
		return false
	}
	if !strings.HasSuffix(a.whole, "\ufffd") { // a token may end in the middle of a character
		a.text = a.whole[:len(a.whole)-held(a.whole, stop)]
	}
	return true
}

// held is the length of the longest end of text that a stop text begins with.
func held(text string, stop []string) int {
	most := 0
	for _, s := range stop {
		for n := min(len(s)-1, len(text)); n > most; n-- {
			if strings.HasSuffix(text, s[:n]) {
				most = n
			}
		}
	}
	return most
}

// finish makes the whole text certain: no token follows.
func (a *answer) finish() { a.text = a.whole }

// fresh is the text that became certain since the last call.
func (a *answer) fresh() string {
	s := a.text[min(a.shown, len(a.text)):]
	a.shown = len(a.text)
	return s
}
