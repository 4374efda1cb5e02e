package data

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/tokenizer"
)

// MaxLine bounds one record.
const MaxLine = 16 << 20

// Record is one training example in one of three forms: Messages, Prompt with Completion, or Text.
type Record struct {
	ID         digest.Digest // sha256 of the record's canonical JSON
	Messages   []tokenizer.Message
	Prompt     string
	Completion string
	Text       string
}

// Dataset is a list of distinct records.
type Dataset struct {
	Records    []Record
	Duplicates int // dropped
}

// Digest is the RFC 6962 Merkle root over the record ids, in order.
func (d Dataset) Digest() digest.Digest {
	ids := make([]digest.Digest, len(d.Records))
	for i, r := range d.Records {
		ids[i] = r.ID
	}
	return digest.MerkleDigests(ids)
}

// Columns maps roles (system, user, assistant) or prompt, completion, text to the names of a file's columns. A nil map
// recognises the usual names by itself.
type Columns map[string]string

// known are column names that are understood without a map, tried in order.
var known = []Columns{
	{"prompt": "prompt", "completion": "completion"},
	{"text": "text"},
	{"user": "question", "assistant": "answer"},
	{"user": "instruction", "input": "input", "assistant": "output"},
	{"user": "prompt", "assistant": "response"},
}

// listedLines bounds the bad lines that an error lists; the others are counted.
const listedLines = 20

// ReadJSONL reads one record a line. The error names every bad line, up to listedLines. Exact duplicates are dropped and
// counted; limit > 0 stops after that many records.
func ReadJSONL(r io.Reader, cols Columns, limit int) (Dataset, error) {
	var d Dataset
	var bad []error
	more := 0
	seen := map[digest.Digest]bool{}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 1<<16), MaxLine)
	for line := 1; sc.Scan() && (limit <= 0 || len(d.Records) < limit); line++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		rec, err := ParseRecord(sc.Bytes(), cols)
		if err != nil && len(bad) == listedLines {
			more++
			continue
		}
		if err != nil {
			bad = append(bad, fmt.Errorf("line %d: %w", line, err))
			continue
		}
		if seen[rec.ID] {
			d.Duplicates++
			continue
		}
		seen[rec.ID] = true
		d.Records = append(d.Records, rec)
	}
	if err := sc.Err(); err != nil {
		return Dataset{}, fmt.Errorf("after %d records: %w (a line may have %d bytes)", len(d.Records), err, MaxLine)
	}
	if more > 0 {
		bad = append(bad, fmt.Errorf("and %d more lines", more))
	}
	if len(bad) > 0 {
		return Dataset{}, errors.Join(bad...)
	}
	if len(d.Records) == 0 {
		return Dataset{}, errors.New("no records: the file is empty")
	}
	return d, nil
}

// ParseRecord reads one JSON object.
func ParseRecord(line []byte, cols Columns) (Record, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var raw map[string]any
	if err := dec.Decode(&raw); err != nil {
		return Record{}, fmt.Errorf("not a JSON object: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF { // dec.More would overlook a closing bracket
		return Record{}, errors.New("more than one JSON value")
	}
	var canon bytes.Buffer
	e := json.NewEncoder(&canon) // map keys are sorted
	e.SetEscapeHTML(false)
	if err := e.Encode(raw); err != nil {
		return Record{}, err
	}
	rec := Record{ID: digest.Sum(bytes.TrimSuffix(canon.Bytes(), []byte("\n")))}
	if ms, ok := raw["messages"]; ok && cols == nil {
		err := rec.messages(ms)
		return rec, err
	}
	if cols != nil {
		err := rec.columns(raw, cols)
		return rec, err
	}
	for _, k := range known {
		if rec.columns(raw, k) == nil {
			return rec, nil
		}
	}
	return Record{}, fmt.Errorf("columns %v are not understood: use messages, prompt and completion, or text, or name them with --columns user=…,assistant=…",
		slices.Sorted(maps.Keys(raw)))
}

func (r *Record) messages(v any) error {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return errors.New("messages must be a list of objects")
	}
	for i, x := range list {
		m, ok := x.(map[string]any)
		role, okRole := m["role"].(string)
		content, okContent := m["content"].(string)
		if !ok || !okRole || !okContent {
			return fmt.Errorf("message %d needs a role and a content, both text", i)
		}
		other := map[string]any{}
		for k, v := range m {
			if k != "role" && k != "content" {
				other[k] = v
			}
		}
		r.Messages = append(r.Messages, tokenizer.Message{Role: role, Content: content, Other: other})
	}
	if last := r.Messages[len(r.Messages)-1].Role; last != "assistant" {
		return fmt.Errorf("the last message is the %s's: a record must end with the assistant's", last)
	}
	return nil
}

func (r *Record) columns(raw map[string]any, cols Columns) error {
	get := func(k string) (string, error) {
		s, ok := raw[cols[k]].(string)
		if !ok {
			return "", fmt.Errorf("column %q is missing or not text", cols[k])
		}
		return s, nil
	}
	var out Record
	for k := range cols {
		s, err := get(k)
		if err != nil {
			if k == "input" || k == "system" {
				continue
			}
			return err
		}
		switch k {
		case "prompt":
			out.Prompt = s
		case "completion":
			out.Completion = s
		case "text":
			out.Text = s
		case "system", "user", "assistant", "input":
		default:
			return fmt.Errorf("column map: %q is not a role (system, user, input, assistant, prompt, completion, text)", k)
		}
	}
	if cols["assistant"] != "" {
		if s, err := get("system"); err == nil {
			out.Messages = append(out.Messages, tokenizer.Message{Role: "system", Content: s})
		}
		user, _ := raw[cols["user"]].(string)
		if in, err := get("input"); err == nil && strings.TrimSpace(in) != "" {
			user += "\n\n" + in
		}
		answer, _ := raw[cols["assistant"]].(string)
		out.Messages = append(out.Messages, tokenizer.Message{Role: "user", Content: user}, tokenizer.Message{Role: "assistant", Content: answer})
	}
	out.ID = r.ID
	*r = out
	return nil
}
