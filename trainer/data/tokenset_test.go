package data

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/llm"
)

// small is a token set of three sequences, of 3, 1 and 4 tokens.
func small() *TokenSet {
	return &TokenSet{Meta: Provenance{SeqLen: 4},
		Sequences: []llm.Sequence{
			{IDs: []int32{1, 2, 3}, Loss: []bool{false, false, true}},
			{IDs: []int32{4}, Loss: []bool{false}},
			{IDs: []int32{5, 6, 7, 8}, Loss: []bool{false, true, true, true}},
		},
		RecordIDs: []digest.Digest{{1}, {2}, {3}}}
}

func TestTokenSetFile(t *testing.T) {
	s := small()
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseTokenSet(b)
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Fatalf("%+v, want %+v (%v)", got, s, err)
	}
	again, err := got.Encode()
	if err != nil || !bytes.Equal(again, b) {
		t.Fatal("not canonical: ", err)
	}
	for n := range len(b) {
		if _, err := ParseTokenSet(b[:n]); err == nil {
			t.Fatalf("cut to %d bytes: accepted", n)
		}
	}
	if s.AnswerTokens() != 4 {
		t.Fatal(s.AnswerTokens())
	}
}

func TestTokenSetIsForOneBase(t *testing.T) {
	if err := small().Check(9); err != nil {
		t.Fatal(err)
	}
	if small().Check(8) == nil {
		t.Fatal("token 8 of a base that has 8: accepted")
	}
}

func TestOverlap(t *testing.T) {
	a, b := small(), small()
	b.RecordIDs = []digest.Digest{{9}, {2}, {8}}
	if id, both := Overlap(a, b); !both || id != (digest.Digest{2}) {
		t.Fatal(id, both)
	}
	b.RecordIDs[1] = digest.Digest{7}
	if _, both := Overlap(a, b); both {
		t.Fatal("nothing is in both")
	}
}
