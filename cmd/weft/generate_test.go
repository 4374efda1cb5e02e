package main

import "testing"

// letters decodes every token to one byte.
type letters struct{}

func (letters) Decode(ids []int32, _ bool) string {
	b := make([]byte, len(ids))
	for i, id := range ids {
		b[i] = byte(id)
	}
	return string(b)
}

func TestAnswerStops(t *testing.T) {
	for _, c := range []struct {
		written string
		stop    []string
		want    string
	}{
		{"abcdef", nil, "abcdef"},
		{"abcdef", []string{"de"}, "abc"},
		{"abcdef", []string{"ef", "cd"}, "ab"},
		{"aab aac", []string{"aac"}, "aab "},
		{"abcd", []string{"cdx"}, "abcd"}, // began like a stop text, but was none
		{"abc", []string{"a"}, ""},
	} {
		var a answer
		shown := ""
		for _, r := range []byte(c.written) {
			more := a.add(letters{}, int32(r), c.stop)
			shown += a.fresh()
			if !more {
				break
			}
		}
		a.finish()
		shown += a.fresh()
		if a.text != c.want || shown != c.want {
			t.Errorf("%q before %q: text %q, shown %q, want %q", c.written, c.stop, a.text, shown, c.want)
		}
	}
}

// TestAnswerWaits shows that the beginning of a stop text is not shown before it is clear that it is none.
func TestAnswerWaits(t *testing.T) {
	var a answer
	for _, r := range []byte("ab<") {
		a.add(letters{}, int32(r), []string{"<end>"})
	}
	if got := a.fresh(); got != "ab" {
		t.Errorf("shown %q, want ab", got)
	}
	a.add(letters{}, 'x', []string{"<end>"})
	if got := a.fresh(); got != "<x" {
		t.Errorf("shown %q, want <x", got)
	}
}
