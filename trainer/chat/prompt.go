package chat

import (
	"errors"
	"slices"

	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/tokenizer"
)

// Prompt is a text's ids with the special tokens that the base puts before a text; an empty prompt is the BOS.
func Prompt(b *base.Base, text string) ([]int32, error) {
	ids, err := b.Tokenizer.EncodeSpecial(text)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 && b.Config.BOS >= 0 {
		ids = []int32{int32(b.Config.BOS)}
	}
	if len(ids) == 0 {
		return nil, errors.New("the prompt is empty and the base has no token to begin with")
	}
	return ids, nil
}

// Turn renders a conversation with the base's template, up to where the assistant's answer begins.
func Turn(b *base.Base, ms []tokenizer.Message) ([]int32, error) {
	if b.Chat == nil {
		return nil, tokenizer.ErrNoTemplate
	}
	text, err := b.Chat.Render(ms, true)
	if err != nil {
		return nil, err
	}
	return b.Tokenizer.Encode(text)
}

// Question is a record of a dataset as a prompt, and the answer that the record has.
type Question struct {
	Text, Answer string
	IDs          []int32
}

// plainWords is how many words of a plain text are its question.
const plainWords = 8

// Ask makes a question of a record: its last turn, its completion, or what follows the first words of a text is the answer.
func Ask(b *base.Base, r data.Record) (q Question, err error) {
	if n := len(r.Messages); n > 0 {
		q.Text, q.Answer = r.Messages[max(n-2, 0)].Content, r.Messages[n-1].Content
		q.IDs, err = Turn(b, r.Messages[:n-1])
		return q, err
	}
	q.Text, q.Answer = r.Prompt, r.Completion
	if q.Answer == "" {
		q.Text = firstWords(r.Text, plainWords)
	}
	q.IDs, err = b.Tokenizer.EncodeSpecial(q.Text)
	return q, err
}

// StopIDs are the tokens that end an answer: the base's own, and those that a stop text is in whole.
func StopIDs(b *base.Base, stop []string) ([]int, error) {
	ids := slices.Clone(b.Config.EOS)
	for _, s := range stop {
		e, err := b.Tokenizer.Encode(s)
		if err != nil {
			return nil, err
		}
		if len(e) == 1 {
			ids = append(ids, int(e[0]))
		}
	}
	return ids, nil
}
