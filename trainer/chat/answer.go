package chat

import "strings"

// Decoder turns tokens into text; a tokenizer is one.
type Decoder interface {
	Decode(ids []int32, skipSpecial bool) string
}

// Answer is a text under way: what is certain to stay, which is what people may see already.
type Answer struct {
	IDs   []int32
	Text  string // without what may still change or turn out to begin a stop text
	whole string // with it
	shown int    // bytes of Text that Fresh has given
}

// Add appends a token and tells whether the answer goes on: it ends before the first stop text.
func (a *Answer) Add(d Decoder, id int32, stop []string) bool {
	a.IDs = append(a.IDs, id)
	a.whole = d.Decode(a.IDs, true)
	end := len(a.whole)
	for _, s := range stop {
		if i := strings.Index(a.whole, s); i >= 0 {
			end = min(end, i)
		}
	}
	if end < len(a.whole) {
		a.whole = a.whole[:end]
		a.Finish()
		return false
	}
	if !strings.HasSuffix(a.whole, "\ufffd") { // a token may end in the middle of a character
		a.Text = a.whole[:len(a.whole)-held(a.whole, stop)]
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

// Finish makes the whole text certain: no token follows.
func (a *Answer) Finish() { a.Text = a.whole }

// Fresh is the text that became certain since the last call.
func (a *Answer) Fresh() string {
	s := a.Text[min(a.shown, len(a.Text)):]
	a.shown = len(a.Text)
	return s
}

// firstWords are the first n words of a text.
func firstWords(text string, n int) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(n, len(words))], " ")
}
