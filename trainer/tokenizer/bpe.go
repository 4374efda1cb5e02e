package tokenizer

import (
	"container/heap"
	"fmt"
)

// cacheWord and cacheSize bound the memory of remembered words.
const (
	cacheWord = 64
	cacheSize = 1 << 16
)

// word returns the ids [tokens] of one pre-tokenized word: byte-pair merges in the order of their rank (Sennrich et al.,
// 2016).
func (t *Tokenizer) word(w string) []int32 {
	if w == "" {
		return nil
	}
	t.mu.Lock()
	ids, ok := t.cache[w]
	t.mu.Unlock()
	if ok {
		return ids
	}
	ids = t.merge(w)
	if len(w) <= cacheWord {
		t.mu.Lock()
		if len(t.cache) < cacheSize {
			t.cache[w] = ids
		}
		t.mu.Unlock()
	}
	return ids
}

func (t *Tokenizer) merge(w string) []int32 {
	m := &t.f.Model
	if id, ok := m.Vocab[w]; ok && m.IgnoreMerges {
		return []int32{id}
	}
	ids := make([]int32, 0, len(w))
	unknown := false
	for _, r := range w {
		c := string(r)
		if id, ok := m.Vocab[c]; ok {
			ids, unknown = append(ids, id), false
			continue
		}
		if bytes, ok := t.bytes(c); ok {
			ids, unknown = append(ids, bytes...), false
			continue
		}
		if t.unk >= 0 && !(unknown && m.FuseUnk) {
			ids = append(ids, t.unk)
		}
		unknown = true
	}
	return t.pairs(ids)
}

// bytes are the byte tokens <0xNN> of a character, if the model falls back to bytes and has them all.
func (t *Tokenizer) bytes(c string) ([]int32, bool) {
	if !t.f.Model.ByteFallback {
		return nil, false
	}
	var ids []int32
	for i := range len(c) {
		id, ok := t.f.Model.Vocab[fmt.Sprintf("<0x%02X>", c[i])]
		if !ok {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

// candidate is a merge that was possible when it was pushed.
type candidate struct {
	rule mergeRule
	pos  int
	a, b int32
}

type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	return c[i].rule.rank < c[j].rule.rank || c[i].rule.rank == c[j].rule.rank && c[i].pos < c[j].pos
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)   { *c = append(*c, x.(candidate)) }
func (c *candidates) Pop() any {
	x := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return x
}

// pairs merges ids [tokens] until no rule applies. A heap keeps it at n log n, since a SentencePiece word is the whole text.
func (t *Tokenizer) pairs(ids []int32) []int32 {
	n := len(ids)
	prev, next := make([]int, n), make([]int, n) // [tokens]: the neighbours of each that is left
	for i := range ids {
		prev[i], next[i] = i-1, i+1
	}
	var h candidates
	push := func(i int) {
		if i < 0 || next[i] >= n {
			return
		}
		if r, ok := t.rank[[2]int32{ids[i], ids[next[i]]}]; ok {
			heap.Push(&h, candidate{r, i, ids[i], ids[next[i]]})
		}
	}
	for i := range ids {
		push(i)
	}
	for h.Len() > 0 {
		c := heap.Pop(&h).(candidate)
		i := c.pos
		if ids[i] != c.a || next[i] >= n || ids[next[i]] != c.b {
			continue
		}
		j := next[i]
		ids[i], ids[j], next[i] = c.rule.id, -1, next[j]
		if next[j] < n {
			prev[next[j]] = i
		}
		push(prev[i])
		push(i)
	}
	out := ids[:0:0]
	for i := 0; i < n; i = next[i] {
		out = append(out, ids[i])
	}
	return out
}
