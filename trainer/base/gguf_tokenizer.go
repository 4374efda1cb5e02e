package base

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

type object = map[string]any

// ggufTokenizer makes a tokenizer.json and a tokenizer_config.json of a file's metadata.
func ggufTokenizer(m meta) (tok, cfg object, err error) {
	tokens, _ := m.m["tokenizer.ggml.tokens"].([]any)
	if len(tokens) == 0 {
		return nil, nil, errors.New("gguf: there is no tokenizer in the metadata")
	}
	kinds, _ := m.m["tokenizer.ggml.token_type"].([]any)
	vocab := make(map[string]int, len(tokens))
	var added []object
	for i := range tokens {
		s := token(tokens, i)
		if _, dup := vocab[s]; !dup {
			vocab[s] = i
		}
		if i >= len(kinds) {
			continue
		}
		// ggml's token types: 2 unknown, 3 control, 4 user defined.
		if k, _ := kinds[i].(int64); k == 2 || k == 3 || k == 4 {
			added = append(added, object{"id": i, "content": s, "single_word": false, "lstrip": false, "rstrip": false,
				"normalized": false, "special": k != 4})
		}
	}
	model := object{"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
		"fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocab}
	tok = object{"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added, "normalizer": nil, "pre_tokenizer": nil,
		"post_processor": nil, "decoder": nil, "model": model}
	switch kind := m.str("tokenizer.ggml.model"); kind {
	case "gpt2":
		err = byteLevel(tok, model, m)
	case "llama":
		err = sentencePiece(tok, model, m, tokens, vocab)
	default:
		err = fmt.Errorf("gguf: tokenizer of type %q is not supported (gpt2, llama)", kind)
	}
	if err != nil {
		return nil, nil, err
	}
	bos, eos := m.num("tokenizer.ggml.bos_token_id", -1), m.num("tokenizer.ggml.eos_token_id", -1)
	addBOS, set := m.m["tokenizer.ggml.add_bos_token"].(bool)
	if !set {
		addBOS = m.str("tokenizer.ggml.model") == "llama"
	}
	if addBOS && bos >= 0 {
		s := token(tokens, bos)
		tok["post_processor"] = object{"type": "TemplateProcessing",
			"single":         []object{{"SpecialToken": object{"id": s, "type_id": 0}}, {"Sequence": object{"id": "A", "type_id": 0}}},
			"pair":           []object{{"Sequence": object{"id": "A", "type_id": 0}}, {"Sequence": object{"id": "B", "type_id": 1}}},
			"special_tokens": object{s: object{"id": s, "ids": []int{bos}, "tokens": []string{s}}}}
	}
	cfg = object{"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": addBOS,
		"bos_token": token(tokens, bos), "eos_token": token(tokens, eos)}
	if t := m.str("tokenizer.chat_template"); t != "" {
		cfg["chat_template"] = t
	}
	return tok, cfg, nil
}

const (
	splitLlama3 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	splitQwen2  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// byteLevel fills in a GPT-2 style tokenizer; tokenizer.ggml.pre names how text is split.
func byteLevel(tok, model object, m meta) error {
	merges, _ := m.m["tokenizer.ggml.merges"].([]any)
	model["merges"] = merges
	level := func(regex bool) object {
		return object{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": regex}
	}
	split := func(re string) object {
		return object{"type": "Sequence", "pretokenizers": []object{
			{"type": "Split", "pattern": object{"Regex": re}, "behavior": "Isolated", "invert": false}, level(false)}}
	}
	switch pre := m.str("tokenizer.ggml.pre"); pre {
	case "", "default", "gpt-2", "gpt2":
		tok["pre_tokenizer"] = level(true)
	case "smollm", "starcoder", "refact", "codeshell", "command-r":
		tok["pre_tokenizer"] = object{"type": "Sequence", "pretokenizers": []object{{"type": "Digits", "individual_digits": true}, level(true)}}
	case "llama-bpe", "llama3", "llama-v3":
		tok["pre_tokenizer"] = split(splitLlama3)
		model["ignore_merges"] = true
	case "qwen2", "deepseek-r1-qwen":
		tok["pre_tokenizer"] = split(splitQwen2)
		tok["normalizer"] = object{"type": "NFC"}
	default:
		return fmt.Errorf("gguf: pre-tokenizer %q is not supported", pre)
	}
	tok["decoder"] = level(true)
	return nil
}

// sentencePiece fills in a Llama style tokenizer. The file has scores instead of merges: every division of a token into
// two tokens is a merge, the better score first (as transformers converts SentencePiece models).
func sentencePiece(tok, model object, m meta, tokens []any, vocab map[string]int) error {
	scores, _ := m.m["tokenizer.ggml.scores"].([]any)
	if len(scores) != len(tokens) {
		return fmt.Errorf("gguf: %d scores for %d tokens", len(scores), len(tokens))
	}
	type rule struct {
		a, b  string
		score float64
	}
	var rules []rule
	for id := range tokens {
		s := token(tokens, id)
		if isByteToken(s) {
			continue
		}
		score, _ := scores[id].(float64)
		for i := range s {
			if i == 0 {
				continue
			}
			_, oka := vocab[s[:i]]
			_, okb := vocab[s[i:]]
			if oka && okb {
				rules = append(rules, rule{s[:i], s[i:], score})
			}
		}
	}
	slices.SortStableFunc(rules, func(x, y rule) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(vocab[x.a], vocab[y.a]), cmp.Compare(vocab[x.b], vocab[y.b]))
	})
	merges := make([][2]string, len(rules))
	for i, r := range rules {
		merges[i] = [2]string{r.a, r.b}
	}
	model["merges"], model["byte_fallback"], model["fuse_unk"] = merges, true, true
	if u := token(tokens, m.num("tokenizer.ggml.unknown_token_id", 0)); u != "" {
		model["unk_token"] = u
	}
	replace := object{"type": "Replace", "pattern": object{"String": " "}, "content": "▁"}
	normalizers := []object{replace}
	if add, ok := m.m["tokenizer.ggml.add_space_prefix"].(bool); add || !ok {
		normalizers = []object{{"type": "Prepend", "prepend": "▁"}, replace}
	}
	tok["normalizer"] = object{"type": "Sequence", "normalizers": normalizers}
	tok["decoder"] = object{"type": "Sequence", "decoders": []object{
		{"type": "Replace", "pattern": object{"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
		{"type": "Strip", "content": " ", "start": 1, "stop": 0}}}
	return nil
}
