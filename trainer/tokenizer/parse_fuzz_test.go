package tokenizer

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// small is a tokenizer.json over a few letters with the given further fields.
func small(fields string) string {
	return `{"added_tokens":[{"id":9,"content":"<end>","special":true},` +
		`{"id":10,"content":"b c","normalized":true,"lstrip":true,"rstrip":true,"single_word":true}],` + fields +
		`"model":{"type":"BPE","unk_token":"?","fuse_unk":true,` +
		`"vocab":{"?":0,"a":1,"b":2,"c":3,"Ġ":4,"▁":5,"ab":6,"abc":7,"▁a":8},"merges":["a b",["ab","c"],"▁ a"]}}`
}

var smallFiles = []string{
	small(""),
	small(`"normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Lowercase"},` +
		`{"type":"Strip","strip_left":true,"strip_right":true},{"type":"Prepend","prepend":"▁"},` +
		`{"type":"Replace","pattern":{"String":" "},"content":"▁"}]},`),
	small(`"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true},"decoder":{"type":"ByteLevel"},`),
	small(`"pre_tokenizer":{"type":"Sequence","pretokenizers":[` +
		`{"type":"Split","pattern":{"Regex":"\\s+|b"},"behavior":"MergedWithPrevious"},{"type":"Digits","individual_digits":true}]},`),
	small(`"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"},` +
		`"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},` +
		`{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1}]},`),
	small(`"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Punctuation","behavior":"Contiguous"},{"type":"Whitespace"}]},`),
	small(`"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<end>"}},{"Sequence":{"id":"A"}}],` +
		`"special_tokens":{"<end>":{"ids":[9]}}},`),
}

// FuzzParse checks that a tokenizer that is accepted encodes any text into ids of its vocabulary, in the same way every
// time, and decodes them.
func FuzzParse(f *testing.F) {
	for _, s := range smallFiles {
		f.Add([]byte(s), "abc a b c<end>  cab 12é")
	}
	f.Add([]byte(`{"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}`), "aaa")
	f.Add([]byte(`{"model":{"type":"WordPiece","vocab":{"a":0}}}`), "")
	f.Fuzz(func(t *testing.T, b []byte, text string) {
		if len(text) > 200 || hasRegex(b) {
			return // the time that a pattern of the file's own takes is the pattern's matter
		}
		tok, err := Parse(b)
		if err != nil {
			return
		}
		ids, err := tok.Encode(text)
		if err != nil {
			return
		}
		for _, id := range ids {
			if id < 0 || int(id) >= tok.VocabSize() {
				t.Fatalf("id %d of %q is outside the vocabulary of %d", id, text, tok.VocabSize())
			}
		}
		again, err := tok.Encode(text)
		if err != nil || len(again) != len(ids) {
			t.Fatalf("%q gives %v, then %v (%v)", text, ids, again, err)
		}
		tok.Decode(ids, false)
	})
}

// hasRegex reports whether a file brings a pattern.
func hasRegex(b []byte) bool { return strings.Contains(strings.ToLower(string(b)), "regex\"") }

// FuzzEncode checks on a byte-level tokenizer with every byte that decoding gives the text back.
func FuzzEncode(f *testing.F) {
	vocab := map[string]int{}
	for i, r := range byteRune {
		vocab[string(r)] = i
	}
	b, err := json.Marshal(map[string]any{"pre_tokenizer": map[string]any{"type": "ByteLevel"}, "decoder": map[string]any{"type": "ByteLevel"},
		"model": map[string]any{"type": "BPE", "vocab": vocab, "merges": []string{}}})
	if err != nil {
		f.Fatal(err)
	}
	tok, err := Parse(b)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "How are you?", "  two  spaces\n\n\tdon't", "Größe 测试 🙂\u200d", "\x00\u0085\u3000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		ids, err := tok.Encode(s)
		if err != nil || len(ids) != len(s) {
			t.Fatalf("%q: %d bytes became %d ids (%v)", s, len(s), len(ids), err)
		}
		if got := tok.Decode(ids, false); got != s {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}

// TestDamagedFilesAreNamed checks that an error says what is wrong with a tokenizer.json.
func TestDamagedFilesAreNamed(t *testing.T) {
	good := small("")
	for name, k := range map[string]struct{ text, want string }{
		"empty":               {"", "unexpected end of JSON"},
		"cut":                 {good[:len(good)/2], "unexpected end of JSON"},
		"no vocabulary":       {`{"model":{"type":"BPE"}}`, "only BPE with a vocabulary"},
		"another model":       {`{"model":{"type":"Unigram","vocab":[["a",0]]}}`, "tokenizer.json"},
		"merge of strangers":  {strings.Replace(good, `"a b"`, `"a x"`, 1), "merge 0"},
		"merge of one":        {strings.Replace(good, `"a b"`, `"ab"`, 1), "no space"},
		"unknown unk":         {strings.Replace(good, `"unk_token":"?"`, `"unk_token":"!"`, 1), `unk_token "!"`},
		"negative id":         {strings.Replace(good, `"a":1`, `"a":-1`, 1), "id -1"},
		"huge id":             {strings.Replace(good, `"a":1`, `"a":2147483647`, 1), "id 2147483647"},
		"empty added token":   {strings.Replace(good, `"content":"<end>"`, `"content":""`, 1), "added token 9"},
		"unknown normalizer":  {small(`"normalizer":{"type":"Magic"},`), `"Magic" is not supported`},
		"broken pattern":      {small(`"pre_tokenizer":{"type":"Split","pattern":{"Regex":"("}},`), "pre_tokenizer"},
		"unknown special":     {small(`"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}}]},`), `"<s>"`},
		"word-piece prefixes": {strings.Replace(good, `"fuse_unk":true`, `"continuing_subword_prefix":"##"`, 1), "continuing_subword_prefix"},
	} {
		_, err := Parse([]byte(k.text))
		if err == nil || !strings.Contains(err.Error(), k.want) || !strings.Contains(err.Error(), "tokenizer.json") {
			t.Errorf("%s: error %v does not name %q", name, err, k.want)
		}
	}
}
