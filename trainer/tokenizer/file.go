package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// MaxFile bounds a tokenizer.json.
const MaxFile = 64 << 20

// matchTimeout bounds one search of a file's regular expression, since such expressions can backtrack for ever.
const matchTimeout = 20 * time.Second

// maxID bounds ids, as llm bounds a vocabulary.
const maxID = 1 << 24

// node is a normalizer, pre-tokenizer, decoder or post-processor of the file: the union of their fields.
type node struct {
	Type             string            `json:"type"`
	Normalizers      []node            `json:"normalizers"`
	Pretokenizers    []node            `json:"pretokenizers"`
	Decoders         []node            `json:"decoders"`
	Processors       []node            `json:"processors"`
	Pattern          pattern           `json:"pattern"`
	Content          string            `json:"content"`
	Prepend          string            `json:"prepend"`
	Behavior         string            `json:"behavior"`
	Invert           bool              `json:"invert"`
	IndividualDigits bool              `json:"individual_digits"`
	UseRegex         *bool             `json:"use_regex"`
	AddPrefixSpace   bool              `json:"add_prefix_space"`
	PrependScheme    string            `json:"prepend_scheme"`
	Replacement      string            `json:"replacement"`
	Split            *bool             `json:"split"`
	Start            int               `json:"start"`
	Stop             int               `json:"stop"`
	StripLeft        bool              `json:"strip_left"`
	StripRight       bool              `json:"strip_right"`
	Single           []json.RawMessage `json:"single"`
	Special          map[string]struct {
		IDs []int32 `json:"ids"`
	} `json:"special_tokens"`

	re *regexp2.Regexp // of Pattern.Regex
}

type pattern struct{ Regex, String string }

// UnmarshalJSON takes both forms of a pattern: {"Regex": …} or {"String": …}.
func (p *pattern) UnmarshalJSON(b []byte) error {
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	p.Regex, p.String = m["Regex"], m["String"]
	return nil
}

// Added is a token that is recognised in text before the model sees it.
type Added struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

type file struct {
	Added         []Added `json:"added_tokens"`
	Normalizer    *node   `json:"normalizer"`
	PreTokenizer  *node   `json:"pre_tokenizer"`
	PostProcessor *node   `json:"post_processor"`
	Decoder       *node   `json:"decoder"`
	Model         struct {
		Type         string            `json:"type"`
		Vocab        map[string]int32  `json:"vocab"`
		Merges       []json.RawMessage `json:"merges"`
		ByteFallback bool              `json:"byte_fallback"`
		IgnoreMerges bool              `json:"ignore_merges"`
		UnkToken     *string           `json:"unk_token"`
		FuseUnk      bool              `json:"fuse_unk"`
		Prefix       *string           `json:"continuing_subword_prefix"`
		Suffix       *string           `json:"end_of_word_suffix"`
	} `json:"model"`
}

var knownTypes = map[string][]string{
	"normalizer":     {"Sequence", "NFC", "NFD", "NFKC", "NFKD", "Prepend", "Replace", "Lowercase", "Strip"},
	"pre_tokenizer":  {"Sequence", "Split", "Digits", "ByteLevel", "Metaspace", "Punctuation", "Whitespace", "WhitespaceSplit"},
	"post_processor": {"Sequence", "ByteLevel", "TemplateProcessing"},
	"decoder":        {"Sequence", "ByteLevel", "Replace", "ByteFallback", "Fuse", "Strip", "Metaspace"},
}

// compile checks a node and its children and compiles their patterns.
func (n *node) compile(kind string) error {
	if n == nil {
		return nil
	}
	known := false
	for _, t := range knownTypes[kind] {
		known = known || t == n.Type
	}
	if !known {
		return fmt.Errorf("tokenizer.json: %s of type %q is not supported (%s)", kind, n.Type, strings.Join(knownTypes[kind], ", "))
	}
	if n.Pattern.Regex != "" {
		if kind == "decoder" {
			return fmt.Errorf("tokenizer.json: regular expressions in decoders are not supported")
		}
		re, err := regexp2.Compile(n.Pattern.Regex)
		if err != nil {
			return fmt.Errorf("tokenizer.json: %s: %w", kind, err)
		}
		re.MatchTimeout = matchTimeout
		n.re = re
	}
	for _, list := range [][]node{n.Normalizers, n.Pretokenizers, n.Decoders, n.Processors} {
		for i := range list {
			if err := list[i].compile(kind); err != nil {
				return err
			}
		}
	}
	return nil
}

// merge reads a merge, a pair of strings or one string with a space between the parts.
func merge(raw json.RawMessage) (a, b string, err error) {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		a, b, ok := strings.Cut(one, " ")
		if !ok {
			return "", "", fmt.Errorf("tokenizer.json: merge %q has no space", one)
		}
		return a, b, nil
	}
	var two [2]string
	if err := json.Unmarshal(raw, &two); err != nil {
		return "", "", fmt.Errorf("tokenizer.json: merge: %w", err)
	}
	return two[0], two[1], nil
}
