package tokenizer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

// Tokenizer turns text into ids and back. It is safe for concurrent use.
type Tokenizer struct {
	f      file
	text   map[int32]string // id → vocabulary entry
	rank   map[[2]int32]mergeRule
	unk    int32 // -1: none
	raw    matcher
	normed matcher
	adds   map[int32]Added
	prefix []int32 // ids [tokens] that the post-processor puts before a text
	suffix []int32 // … and after it

	mu    sync.Mutex
	cache map[string][]int32 // word → ids [tokens]
}

type mergeRule struct{ rank, id int32 }

// Load reads a tokenizer.json file.
func Load(path string) (*Tokenizer, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(b)
}

// Parse reads a tokenizer.json. What this package cannot reproduce is refused by name.
func Parse(b []byte) (*Tokenizer, error) {
	if len(b) > MaxFile {
		return nil, fmt.Errorf("tokenizer.json: %d bytes exceed the limit of %d", len(b), MaxFile)
	}
	t := &Tokenizer{text: map[int32]string{}, rank: map[[2]int32]mergeRule{}, unk: -1, adds: map[int32]Added{}, cache: map[string][]int32{}}
	if err := json.Unmarshal(b, &t.f); err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	m := &t.f.Model
	if m.Type != "" && m.Type != "BPE" || len(m.Vocab) == 0 {
		return nil, fmt.Errorf("tokenizer.json: model of type %q with %d entries: only BPE with a vocabulary is supported", m.Type, len(m.Vocab))
	}
	if m.Prefix != nil && *m.Prefix != "" || m.Suffix != nil && *m.Suffix != "" {
		return nil, fmt.Errorf("tokenizer.json: continuing_subword_prefix and end_of_word_suffix are not supported")
	}
	for s, id := range m.Vocab {
		if id < 0 || id >= maxID {
			return nil, fmt.Errorf("tokenizer.json: token %q has id %d: ids are below %d", s, id, maxID)
		}
		t.text[id] = s
	}
	if err := t.readMerges(); err != nil {
		return nil, err
	}
	if m.UnkToken != nil {
		id, ok := m.Vocab[*m.UnkToken]
		if !ok {
			return nil, fmt.Errorf("tokenizer.json: unk_token %q is not in the vocabulary", *m.UnkToken)
		}
		t.unk = id
	}
	for kind, n := range map[string]*node{
		"normalizer": t.f.Normalizer, "pre_tokenizer": t.f.PreTokenizer, "post_processor": t.f.PostProcessor, "decoder": t.f.Decoder,
	} {
		if err := n.compile(kind); err != nil {
			return nil, err
		}
	}
	if err := t.readAdded(); err != nil {
		return nil, err
	}
	return t, t.readTemplate(t.f.PostProcessor)
}

func (t *Tokenizer) readMerges() error {
	v := t.f.Model.Vocab
	for i, raw := range t.f.Model.Merges {
		a, b, err := merge(raw)
		if err != nil {
			return err
		}
		ia, oka := v[a]
		ib, okb := v[b]
		id, ok := v[a+b]
		if !oka || !okb || !ok {
			return fmt.Errorf("tokenizer.json: merge %d (%q, %q) names tokens that the vocabulary lacks", i, a, b)
		}
		if _, dup := t.rank[[2]int32{ia, ib}]; !dup {
			t.rank[[2]int32{ia, ib}] = mergeRule{int32(i), id}
		}
	}
	return nil
}

func (t *Tokenizer) readAdded() error {
	for _, a := range t.f.Added {
		if a.Content == "" || a.ID < 0 || a.ID >= maxID {
			return fmt.Errorf("tokenizer.json: added token %d is empty, or its id is not below %d", a.ID, maxID)
		}
		t.text[a.ID], t.adds[a.ID] = a.Content, a
		if a.Normalized {
			var err error
			if a.Content, err = t.normalize(t.f.Normalizer, a.Content); err != nil {
				return fmt.Errorf("tokenizer.json: added token %d: %w", a.ID, err)
			}
			t.normed.add(a)
		} else {
			t.raw.add(a)
		}
	}
	return nil
}

// readTemplate finds the ids that the post-processor puts around a single text.
func (t *Tokenizer) readTemplate(n *node) error {
	if n == nil {
		return nil
	}
	for i := range n.Processors {
		if err := t.readTemplate(&n.Processors[i]); err != nil {
			return err
		}
	}
	seen := false
	for _, raw := range n.Single {
		var item struct {
			SpecialToken *struct{ ID string }
			Sequence     *struct{ ID string }
		}
		if err := json.Unmarshal(raw, &item); err != nil {
			return fmt.Errorf("tokenizer.json: post_processor: %w", err)
		}
		switch {
		case item.Sequence != nil:
			seen = true
		case item.SpecialToken != nil:
			s, ok := n.Special[item.SpecialToken.ID]
			if !ok {
				return fmt.Errorf("tokenizer.json: post_processor names unknown special token %q", item.SpecialToken.ID)
			}
			if seen {
				t.suffix = append(t.suffix, s.IDs...)
			} else {
				t.prefix = append(t.prefix, s.IDs...)
			}
		}
	}
	return nil
}

// VocabSize is one more than the largest id.
func (t *Tokenizer) VocabSize() int {
	n := int32(0)
	for id := range t.text {
		n = max(n, id+1)
	}
	return int(n)
}

// ID returns the id of a vocabulary entry or added token.
func (t *Tokenizer) ID(s string) (int32, bool) {
	for id, a := range t.adds {
		if a.Content == s {
			return id, true
		}
	}
	id, ok := t.f.Model.Vocab[s]
	return id, ok
}

// Encode returns the ids [tokens] of text, without the special tokens that a post-processor adds.
func (t *Tokenizer) Encode(text string) ([]int32, error) {
	ids := []int32{}
	first := true
	for _, s := range t.raw.split(text) {
		if s.token >= 0 {
			ids = append(ids, s.token)
		} else if err := t.segment(&ids, s.text, first && s.start == 0); err != nil {
			return nil, err
		}
		first = false
	}
	return ids, nil
}

// EncodeSpecial is Encode with the post-processor's special tokens, e.g. a BOS.
func (t *Tokenizer) EncodeSpecial(text string) ([]int32, error) {
	ids, err := t.Encode(text)
	return slices.Concat(t.prefix, ids, t.suffix), err
}

// segment appends the ids of a text between added tokens: normalization, added tokens that match normalized text,
// pre-tokenization, and the model on each word.
func (t *Tokenizer) segment(ids *[]int32, text string, atStart bool) error {
	text, err := t.normalize(t.f.Normalizer, text)
	if err != nil {
		return err
	}
	for _, s := range t.normed.split(text) {
		if s.token >= 0 {
			*ids = append(*ids, s.token)
			continue
		}
		words, err := t.preTokenize(t.f.PreTokenizer, []string{s.text}, atStart && s.start == 0)
		if err != nil {
			return err
		}
		for _, w := range words {
			*ids = append(*ids, t.word(w)...)
		}
	}
	return nil
}

// matcher finds added tokens in text, leftmost and then longest first.
type matcher struct{ byFirst map[byte][]Added }

func (m *matcher) add(a Added) {
	if a.Content == "" {
		return
	}
	if m.byFirst == nil {
		m.byFirst = map[byte][]Added{}
	}
	l := append(m.byFirst[a.Content[0]], a)
	slices.SortStableFunc(l, func(a, b Added) int { return cmp.Compare(len(b.Content), len(a.Content)) })
	m.byFirst[a.Content[0]] = l
}

type piece struct {
	text  string
	start int
	token int32 // -1: text
}

func (m *matcher) split(s string) []piece {
	var out []piece
	from := 0
	flush := func(to int) {
		if to > from {
			out = append(out, piece{s[from:to], from, -1})
		}
	}
	for i := 0; i < len(s); {
		a, ok := m.at(s, i)
		if !ok {
			i++
			continue
		}
		lo, hi := i, i+len(a.Content)
		if a.LStrip {
			lo = from + len(strings.TrimRightFunc(s[from:lo], isSpace))
		}
		if a.RStrip {
			hi = len(s) - len(strings.TrimLeftFunc(s[hi:], isSpace))
		}
		flush(lo)
		out = append(out, piece{s[lo:hi], lo, a.ID})
		from, i = hi, hi
	}
	flush(len(s))
	return out
}

func (m *matcher) at(s string, i int) (Added, bool) {
	for _, a := range m.byFirst[s[i]] {
		if strings.HasPrefix(s[i:], a.Content) && !(a.SingleWord && insideWord(s, i, i+len(a.Content))) {
			return a, true
		}
	}
	return Added{}, false
}
