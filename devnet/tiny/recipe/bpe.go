package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/dlclark/regexp2/v2"
)

// The ids of the special tokens; bytes and merges follow.
const (
	endOfText = iota
	turnStart
	turnEnd
	specials
)

var specialText = [specials]string{"<|endoftext|>", "<|im_start|>", "<|im_end|>"}

// byteLevelWords is the division into words that tokenizer.json names ByteLevel (Radford et al., 2019, encoder.py).
var byteLevelWords = regexp2.MustCompile(`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`)

// alphabet are GPT-2's printable characters for the 256 bytes, in byte order.
func alphabet() (a [256]string) {
	n := rune(256)
	for i := range a {
		r := rune(i)
		if !(i >= 33 && i <= 126 || i >= 161 && i <= 172 || i >= 174) {
			r = n
			n++
		}
		a[i] = string(r)
	}
	return a
}

// learnMerges returns the n merges of byte-pair encoding on the texts: the most frequent pair each time, of equal ones
// the first in order of their bytes (Sennrich et al., 2016).
func learnMerges(texts []string, n int) ([][2]string, error) {
	counts, err := wordCounts(texts)
	if err != nil {
		return nil, err
	}
	words := slices.Sorted(maps.Keys(counts))
	letters := alphabet()
	parts := make([][]string, len(words))
	for i, w := range words {
		for j := range len(w) {
			parts[i] = append(parts[i], letters[w[j]])
		}
	}
	var merges [][2]string
	for len(merges) < n {
		pairs := map[[2]string]int{}
		for i, p := range parts {
			for j := 1; j < len(p); j++ {
				pairs[[2]string{p[j-1], p[j]}] += counts[words[i]]
			}
		}
		best, most := [2]string{}, 0
		for p, c := range pairs {
			if c > most || c == most && (p[0] < best[0] || p[0] == best[0] && p[1] < best[1]) {
				best, most = p, c
			}
		}
		if most == 0 {
			break
		}
		merges = append(merges, best)
		for i, p := range parts {
			parts[i] = join(p, best)
		}
	}
	return merges, nil
}

func wordCounts(texts []string) (map[string]int, error) {
	counts := map[string]int{}
	strip := strings.NewReplacer(specialText[0], "", specialText[1], "", specialText[2], "")
	for _, t := range texts {
		t = strip.Replace(t)
		ms, err := byteLevelWords.FindAllStringIndex(t, -1)
		if err != nil {
			return nil, err
		}
		for _, m := range ms {
			counts[t[m[0]:m[1]]]++
		}
	}
	return counts, nil
}

// join merges every occurrence of a pair, from the left.
func join(p []string, pair [2]string) []string {
	out := p[:0]
	for j := 0; j < len(p); j++ {
		if j+1 < len(p) && p[j] == pair[0] && p[j+1] == pair[1] {
			out = append(out, pair[0]+pair[1])
			j++
			continue
		}
		out = append(out, p[j])
	}
	return out
}

// tokenizerFile writes tokenizer.json for the merges, and the size of the vocabulary.
func tokenizerFile(merges [][2]string) ([]byte, int, error) {
	vocab := map[string]int{}
	var added []map[string]any
	for id, s := range specialText {
		vocab[s] = id
		added = append(added, map[string]any{"id": id, "content": s, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
			"special": true})
	}
	for _, s := range alphabet() {
		vocab[s] = len(vocab)
	}
	for _, m := range merges {
		if _, ok := vocab[m[0]+m[1]]; !ok {
			vocab[m[0]+m[1]] = len(vocab)
		}
	}
	level := map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}
	b, err := json.Marshal(map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added, "normalizer": nil,
		"pre_tokenizer": level, "post_processor": nil, "decoder": level,
		"model": map[string]any{"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil,
			"end_of_word_suffix": nil, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocab, "merges": merges},
	})
	return append(b, '\n'), len(vocab), err
}
