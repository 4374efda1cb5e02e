package data

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/tokenizer"
)

// Builder makes token sets for one base.
type Builder struct {
	Tokenizer *tokenizer.Tokenizer
	Digest    digest.Digest   // of tokenizer.json
	Chat      *tokenizer.Chat // nil: records with messages are refused
	EOS       int32           // ends completions and texts; -1: nothing is appended
	SeqLen    int             // longer records are cut
}

// Build tokenizes a dataset. An error names the record by its number, from 1.
func (b Builder) Build(d Dataset) (*TokenSet, error) {
	if b.SeqLen < 2 {
		return nil, fmt.Errorf("sequence length %d: at least 2 tokens are needed", b.SeqLen)
	}
	s := &TokenSet{Meta: Provenance{Dataset: d.Digest(), Tokenizer: b.Digest, SeqLen: b.SeqLen, Duplicates: d.Duplicates}}
	for i, r := range d.Records {
		q, err := b.sequence(r)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i+1, err)
		}
		if len(r.Messages) > 0 {
			s.Meta.Template = digest.Sum([]byte(b.Chat.Source))
		}
		if len(q.IDs) > b.SeqLen {
			q.IDs, q.Loss = q.IDs[:b.SeqLen], q.Loss[:b.SeqLen]
			s.Meta.Cut++
		}
		s.Sequences, s.RecordIDs = append(s.Sequences, q), append(s.RecordIDs, r.ID)
	}
	if s.AnswerTokens() == 0 {
		return nil, fmt.Errorf("no token is left for the loss: all answers lie beyond %d tokens", b.SeqLen)
	}
	return s, nil
}

func (b Builder) sequence(r Record) (llm.Sequence, error) {
	var q llm.Sequence
	add := func(text string, loss, special bool) error {
		encode := b.Tokenizer.Encode
		if special {
			encode = b.Tokenizer.EncodeSpecial
		}
		ids, err := encode(text)
		for range ids {
			q.Loss = append(q.Loss, loss)
		}
		q.IDs = append(q.IDs, ids...)
		return err
	}
	end := func() {
		if b.EOS >= 0 {
			q.IDs, q.Loss = append(q.IDs, b.EOS), append(q.Loss, true)
		}
	}
	switch {
	case len(r.Messages) > 0:
		if b.Chat == nil {
			return q, fmt.Errorf("%w: give prompt and completion columns instead of messages", tokenizer.ErrNoTemplate)
		}
		parts, err := b.turns(r.Messages)
		if err != nil {
			return q, err
		}
		for _, p := range parts {
			if err := add(p.text, p.loss, false); err != nil {
				return q, err
			}
		}
	case r.Completion != "":
		if err := errors.Join(add(r.Prompt, false, true), add(r.Completion, true, false)); err != nil {
			return q, err
		}
		end()
	default:
		if err := add(r.Text, true, true); err != nil {
			return q, err
		}
		end()
	}
	return q, nil
}

type part struct {
	text string
	loss bool
}

// turns renders a conversation in parts: what comes up to a generation prompt, and what the template renders after it
// for the assistant's turn, which the loss covers. A template that rewrites earlier turns when later ones come (as some
// do with reasoning) leaves only the last turn to be learnt.
func (b Builder) turns(ms []tokenizer.Message) ([]part, error) {
	full, err := b.Chat.Render(ms, false)
	if err != nil {
		return nil, err
	}
	var cuts []int
	for i, m := range ms {
		if m.Role != "assistant" {
			continue
		}
		before, err := b.Chat.Render(ms[:i], true)
		if err != nil {
			return nil, err
		}
		after, err := b.Chat.Render(ms[:i+1], false)
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(full, after) || !strings.HasPrefix(after, before) {
			if i == len(ms)-1 {
				return nil, errors.New("chat template: a generation prompt is not the beginning of the finished turn")
			}
			cuts = nil
			continue
		}
		cuts = append(cuts, len(before), len(after))
	}
	var parts []part
	last, loss := 0, false
	for _, c := range cuts {
		parts = append(parts, part{full[last:c], loss})
		last, loss = c, !loss
	}
	return parts, nil
}
