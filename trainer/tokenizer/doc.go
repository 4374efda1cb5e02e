// Package tokenizer reads tokenizer.json files of the BPE family (byte-level and SentencePiece style, as Hugging Face's
// tokenizers library writes them), turns text into token ids and back, and renders chat templates.
//
// Ids must equal the reference library's; golden files in tests say so.
package tokenizer
