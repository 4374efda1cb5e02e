package main

import (
	"bytes"
	"encoding/json"

	"github.com/weftnet/weft/trainer/exact"
)

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type record struct {
	Messages []message `json:"messages"`
}

// task writes the records of the fine-tuning task as JSONL, all different, the first for training and the rest for
// evaluation.
func task(g *exact.Gen, train, eval int) (trainFile, evalFile []byte, err error) {
	var files [2]bytes.Buffer
	seen := map[string]bool{}
	for n := 0; n < train+eval; {
		p := newProblem(g)
		q := p.story + " " + p.question
		if seen[q] {
			continue
		}
		seen[q] = true
		to := &files[0]
		if n >= train {
			to = &files[1]
		}
		n++
		if err := json.NewEncoder(to).Encode(record{[]message{{"user", q}, {"assistant", p.worked()}}}); err != nil {
			return nil, nil, err
		}
	}
	return files[0].Bytes(), files[1].Bytes(), nil
}
