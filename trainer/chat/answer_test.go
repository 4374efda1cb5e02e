package chat

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
		var a Answer
		shown := ""
		for _, r := range []byte(c.written) {
			more := a.Add(letters{}, int32(r), c.stop)
			shown += a.Fresh()
			if !more {
				break
			}
		}
		a.Finish()
		shown += a.Fresh()
		if a.Text != c.want || shown != c.want {
			t.Errorf("%q before %q: text %q, shown %q, want %q", c.written, c.stop, a.Text, shown, c.want)
		}
	}
}

// TestAnswerWaits shows that the beginning of a stop text is not shown before it is clear that it is none.
func TestAnswerWaits(t *testing.T) {
	var a Answer
	for _, r := range []byte("ab<") {
		a.Add(letters{}, int32(r), []string{"<end>"})
	}
	if got := a.Fresh(); got != "ab" {
		t.Errorf("shown %q, want ab", got)
	}
	a.Add(letters{}, 'x', []string{"<end>"})
	if got := a.Fresh(); got != "<x" {
		t.Errorf("shown %q, want <x", got)
	}
}
