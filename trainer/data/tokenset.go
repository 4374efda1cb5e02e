package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/safetensors"
	"github.com/weftnet/weft/trainer/llm"
)

// MaxTokenSet bounds a token set's file.
const MaxTokenSet = 2 << 30

// TokenSet is a dataset as a run sees it.
type TokenSet struct {
	Sequences []llm.Sequence  // [records]
	RecordIDs []digest.Digest // [records]
	Meta      Provenance
}

// Provenance says what a token set was made from, so that anybody can make it again and compare.
type Provenance struct {
	Dataset    digest.Digest // Merkle root of the record ids
	Tokenizer  digest.Digest // of tokenizer.json
	Template   digest.Digest // of the chat template's text; zero if none was used
	SeqLen     int
	Cut        int // records longer than SeqLen
	Duplicates int // records dropped
}

const formatName = "weft-tokenset/1"

// Encode is the canonical file: tensors ids (I32 [tokens], those of all sequences one after the other) and offsets (I32
// [records+1], where each sequence starts and the last one ends), loss (U8 [tokens]) and records (U8 [records][32]).
func (s *TokenSet) Encode() ([]byte, error) {
	var ids, offsets []int32 // [tokens], [records+1]
	var loss, recs []byte    // [tokens], [records][32]
	offsets = append(offsets, 0)
	for i, q := range s.Sequences {
		ids = append(ids, q.IDs...)
		for _, l := range q.Loss {
			b := byte(0)
			if l {
				b = 1
			}
			loss = append(loss, b)
		}
		offsets = append(offsets, int32(len(ids)))
		recs = append(recs, s.RecordIDs[i][:]...)
	}
	m := s.Meta
	return safetensors.Marshal([]safetensors.Tensor{
		{Name: "ids", DType: safetensors.I32, Shape: []int{len(ids)}, Bytes: safetensors.EncodeI32(ids)},
		{Name: "loss", DType: safetensors.U8, Shape: []int{len(loss)}, Bytes: loss},
		{Name: "offsets", DType: safetensors.I32, Shape: []int{len(offsets)}, Bytes: safetensors.EncodeI32(offsets)},
		{Name: "records", DType: safetensors.U8, Shape: []int{len(s.RecordIDs), 32}, Bytes: recs},
	}, map[string]string{"format": formatName,
		"dataset": m.Dataset.String(), "tokenizer": m.Tokenizer.String(), "template": m.Template.String(),
		"seq_len": strconv.Itoa(m.SeqLen), "cut": strconv.Itoa(m.Cut), "duplicates": strconv.Itoa(m.Duplicates)})
}

// ParseTokenSet reads a token set and refuses bytes that Encode would not give.
func ParseTokenSet(b []byte) (*TokenSet, error) {
	f, err := safetensors.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("token set: %w", err)
	}
	meta := f.Metadata()
	if meta["format"] != formatName {
		return nil, fmt.Errorf("token set: format %q is not %s: make it with weft data build", meta["format"], formatName)
	}
	s := &TokenSet{}
	for key, d := range map[string]*digest.Digest{"dataset": &s.Meta.Dataset, "tokenizer": &s.Meta.Tokenizer, "template": &s.Meta.Template} {
		if *d, err = digest.Parse(meta[key]); err != nil {
			return nil, fmt.Errorf("token set: %s: %w", key, err)
		}
	}
	for key, v := range map[string]*int{"seq_len": &s.Meta.SeqLen, "cut": &s.Meta.Cut, "duplicates": &s.Meta.Duplicates} {
		if *v, err = strconv.Atoi(meta[key]); err != nil {
			return nil, fmt.Errorf("token set: %s: %w", key, err)
		}
	}
	if s.Meta.SeqLen < 2 || s.Meta.Cut < 0 || s.Meta.Duplicates < 0 {
		return nil, fmt.Errorf("token set: seq_len %d, cut %d, duplicates %d cannot be", s.Meta.SeqLen, s.Meta.Cut, s.Meta.Duplicates)
	}
	if err := s.tensors(f); err != nil {
		return nil, fmt.Errorf("token set: %w", err)
	}
	again, err := s.Encode()
	if err != nil {
		return nil, fmt.Errorf("token set: %w", err)
	}
	if !bytes.Equal(again, b) {
		return nil, errors.New("token set: not in canonical form")
	}
	return s, nil
}

// tensors reads what Encode writes, in the same shapes.
func (s *TokenSet) tensors(f *safetensors.File) error {
	ids, err := f.Ints("ids")
	if err != nil {
		return err
	}
	offsets, err := f.Ints("offsets")
	if err != nil {
		return err
	}
	loss, err := f.Bytes("loss")
	if err != nil {
		return err
	}
	recs, err := f.Bytes("records")
	if err != nil {
		return err
	}
	if len(loss) != len(ids) || len(offsets) == 0 || len(recs) != 32*(len(offsets)-1) ||
		offsets[0] != 0 || int(offsets[len(offsets)-1]) != len(ids) {
		return errors.New("tensors do not fit together")
	}
	for i := range len(offsets) - 1 {
		lo, hi := offsets[i], offsets[i+1]
		if hi < lo || int(hi) > len(ids) {
			return fmt.Errorf("sequence %d ends before it starts", i)
		}
		if int(hi-lo) > s.Meta.SeqLen {
			return fmt.Errorf("sequence %d has %d tokens, more than seq_len %d", i, hi-lo, s.Meta.SeqLen)
		}
		q := llm.Sequence{IDs: ids[lo:hi:hi], Loss: make([]bool, hi-lo)}
		for j := range q.Loss {
			q.Loss[j] = loss[int(lo)+j] == 1
		}
		s.Sequences = append(s.Sequences, q)
		s.RecordIDs = append(s.RecordIDs, digest.Digest(recs[32*i:32*i+32]))
	}
	return nil
}

// LoadTokenSet reads a token set file and returns its digest.
func LoadTokenSet(path string) (*TokenSet, digest.Digest, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, digest.Digest{}, err
	}
	s, err := ParseTokenSet(b)
	if err != nil {
		return nil, digest.Digest{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, digest.Sum(b), nil
}

// Check refuses a set whose tokens a base does not have.
func (s *TokenSet) Check(vocab int) error {
	for i, q := range s.Sequences {
		for _, id := range q.IDs {
			if id < 0 || int(id) >= vocab {
				return fmt.Errorf("token set: sequence %d holds token %d, the base has %d: it was built for another base", i, id, vocab)
			}
		}
	}
	return nil
}

// Overlap returns the id of a record that is in both sets; training on the evaluation would make it worthless.
func Overlap(a, b *TokenSet) (digest.Digest, bool) {
	in := map[digest.Digest]bool{}
	for _, id := range a.RecordIDs {
		in[id] = true
	}
	for _, id := range b.RecordIDs {
		if in[id] {
			return id, true
		}
	}
	return digest.Digest{}, false
}

// AnswerTokens is the number of tokens that the loss covers in the whole set.
func (s *TokenSet) AnswerTokens() (n uint64) {
	for _, q := range s.Sequences {
		n += uint64(q.Answer())
	}
	return n
}

// epochSeed is sha256("weft/epoch", run, epoch) with both numbers 8 bytes little-endian.
func epochSeed(run, epoch uint64) [32]byte {
	b := append([]byte("weft/epoch"), make([]byte, 16)...)
	binary.LittleEndian.PutUint64(b[10:], run)
	binary.LittleEndian.PutUint64(b[18:], epoch)
	return digest.Sum(b)
}
