package data

import (
	"bytes"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/llm"
)

// FuzzParseRecord checks that a record that is accepted has content of exactly one form, and that its id does not
// depend on how the JSON is spaced.
func FuzzParseRecord(f *testing.F) {
	for _, s := range []string{
		`{"messages":[{"role":"user","content":"2 + 2?"},{"role":"assistant","content":"4","note":1.50}]}`,
		`{"question":"Why?","answer":"So."}`,
		`{"instruction":"Add.","input":"1 2","output":"3"}`,
		`{"prompt":"a","completion":"b"}`, `{"text":"once"}`, `{"text":7}`, `{"messages":[]}`, `null`, `[]`, `{"text":"a"} {}`, `{"text":"a"}}`,
		`{"text":"\ud800"}`, `{"text":"x","n":123456789012345678901234567890}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRecord(b, nil)
		if err != nil {
			return
		}
		forms := 0
		for _, has := range []bool{len(r.Messages) > 0, r.Prompt != "" || r.Completion != "", r.Text != ""} {
			if has {
				forms++
			}
		}
		if forms > 1 {
			t.Fatalf("%q has %d forms: %+v", b, forms, r)
		}
		again, err := ParseRecord(append(append([]byte(" \t"), b...), ' ', '\n'), nil)
		if err != nil || again.ID != r.ID {
			t.Fatalf("%q with spaces around it: %v", b, err)
		}
	})
}

func TestBadRecordsAreNamed(t *testing.T) {
	for name, k := range map[string]struct{ text, want string }{
		"cut":             {`{"text":"a`, "not a JSON object"},
		"a list":          {`["a"]`, "not a JSON object"},
		"two values":      {`{"text":"a"} {"text":"b"}`, "more than one JSON value"},
		"a brace more":    {`{"text":"a"}}`, "more than one JSON value"},
		"a bracket more":  {`{"text":"a"}]`, "more than one JSON value"},
		"unknown columns": {`{"foo":"a","bar":"b"}`, "[bar foo]"},
		"user last":       {`{"messages":[{"role":"user","content":"a"}]}`, "must end with the assistant's"},
		"no content":      {`{"messages":[{"role":"assistant"}]}`, "message 0 needs"},
	} {
		_, err := ReadJSONL(strings.NewReader(`{"text":"fine"}`+"\n"+k.text+"\n"), nil, 0)
		if err == nil || !strings.Contains(err.Error(), k.want) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: error %v names neither %q nor the line", name, err, k.want)
		}
	}
	if _, err := ReadJSONL(strings.NewReader("\n\n"), nil, 0); err == nil {
		t.Error("an empty file was accepted")
	}
}

func tokenSet(t testing.TB) []byte {
	t.Helper()
	s := TokenSet{
		Sequences: []llm.Sequence{{IDs: []int32{1, 5, 2}, Loss: []bool{false, true, true}}, {IDs: []int32{3, 4}, Loss: []bool{false, true}}},
		RecordIDs: []digest.Digest{digest.Sum([]byte("a")), digest.Sum([]byte("b"))},
		Meta:      Provenance{Dataset: digest.Sum(nil), Tokenizer: digest.Sum(nil), SeqLen: 8},
	}
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// FuzzParseTokenSet checks that what is accepted is exactly what Encode gives, with whole sequences.
func FuzzParseTokenSet(f *testing.F) {
	b := tokenSet(f)
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Add(bytes.Replace(b, []byte(`"seq_len":"8"`), []byte(`"seq_len":"1"`), 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseTokenSet(b)
		if err != nil {
			return
		}
		again, err := s.Encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("an accepted token set encodes otherwise (%v)", err)
		}
		if len(s.Sequences) != len(s.RecordIDs) {
			t.Fatalf("%d sequences, %d record ids", len(s.Sequences), len(s.RecordIDs))
		}
		for i, q := range s.Sequences {
			if len(q.IDs) != len(q.Loss) || len(q.IDs) > s.Meta.SeqLen {
				t.Fatalf("sequence %d of %d ids and %d marks in a set of length %d", i, len(q.IDs), len(q.Loss), s.Meta.SeqLen)
			}
		}
	})
}

func TestDamagedTokenSetsAreNamed(t *testing.T) {
	good := tokenSet(t)
	edit := func(from, to string) []byte { return bytes.Replace(good, []byte(from), []byte(to), 1) }
	for name, k := range map[string]struct {
		file []byte
		want string
	}{
		"empty":           {nil, "truncated"},
		"cut":             {good[:len(good)-5], "truncated"},
		"another format":  {edit("weft-tokenset/1", "weft-tokenset/2"), "weft-tokenset/2"},
		"another tensor":  {edit(`"loss"`, `"lass"`), `"loss"`},
		"wrong digest":    {edit(`"tokenizer":"sha256-`, `"tokenizer":"sha255-`), "tokenizer"},
		"length in words": {edit(`"seq_len":"8"`, `"seq_len":"a"`), "seq_len"},
		"no length":       {edit(`"seq_len":"8"`, `"seq_len":"0"`), "seq_len 0"},
		"too long":        {edit(`"seq_len":"8"`, `"seq_len":"2"`), "sequence 0"},
	} {
		_, err := ParseTokenSet(k.file)
		if err == nil || !strings.Contains(err.Error(), k.want) || !strings.HasPrefix(err.Error(), "token set: ") {
			t.Errorf("%s: error %v does not name %q", name, err, k.want)
		}
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1 // a record id: another digest, still canonical
	if s, err := ParseTokenSet(flipped); err != nil || s.RecordIDs[1] == digest.Sum([]byte("b")) {
		t.Error(err)
	}
}
