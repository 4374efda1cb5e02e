package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/tokenizer"
)

const (
	seed        = 20250101 // of text, vocabulary and weights
	vocabTexts  = 4000     // documents that the vocabulary is learnt from
	vocabSize   = 512
	window      = 161 // tokens of a training window: 160 predictions
	batch       = 16  // windows of a step
	trainRecs   = 480
	evalRecs    = 48
	taskSeed    = 7
	logInterval = 50
)

func main() {
	out := flag.String("out", "devnet/tiny", "folder to write base/ and data/ into")
	steps := flag.Int("steps", 1200, "training steps")
	flag.Parse()
	if err := run(*out, *steps); err != nil {
		fmt.Fprintln(os.Stderr, "recipe:", err)
		os.Exit(1)
	}
}

func run(out string, steps int) error {
	g := &exact.Gen{State: seed}
	tokFile, vocab, err := vocabulary(g)
	if err != nil {
		return err
	}
	tok, err := tokenizer.Parse(tokFile)
	if err != nil {
		return err
	}
	e, err := exact.New(exact.F32, 0)
	if err != nil {
		return err
	}
	n := newNet(shape(vocab), e, g)
	if err := train(n, windows{tok, g}, steps); err != nil {
		return err
	}
	weights, err := n.weightsFile()
	if err != nil {
		return err
	}
	config, err := n.configFile()
	if err != nil {
		return err
	}
	tokConfig, err := tokenizerConfigFile(n.c.MaxPositions)
	if err != nil {
		return err
	}
	trainSet, evalSet, err := task(&exact.Gen{State: taskSeed}, trainRecs, evalRecs)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{"base/config.json", config}, {"base/model.safetensors", weights}, {"base/tokenizer.json", tokFile},
		{"base/tokenizer_config.json", tokConfig}, {"data/train.jsonl", trainSet}, {"data/eval.jsonl", evalSet}} {
		if err := writeFile(out, f.name, f.data); err != nil {
			return err
		}
	}
	return nil
}

func vocabulary(g *exact.Gen) ([]byte, int, error) {
	texts := make([]string, vocabTexts)
	for i := range texts {
		texts[i] = document(g)
	}
	merges, err := learnMerges(texts, vocabSize-specials-256)
	if err != nil {
		return nil, 0, err
	}
	return tokenizerFile(merges)
}

// windows draws training windows: whole documents one after another, each ended by the end-of-text token, cut at the
// window's size.
type windows struct {
	tok *tokenizer.Tokenizer
	g   *exact.Gen
}

func (w windows) next() ([]int32, error) {
	var ids []int32
	for len(ids) < window {
		d, err := w.tok.Encode(document(w.g))
		if err != nil {
			return nil, err
		}
		ids = append(append(ids, d...), endOfText)
	}
	return ids[:window], nil
}

func train(n *net, ws windows, steps int) error {
	start, sum, count := time.Now(), 0.0, 0
	for step := range steps {
		b := make([][]int32, batch)
		for i := range b {
			var err error
			if b[i], err = ws.next(); err != nil {
				return err
			}
		}
		loss, tokens := n.step(b)
		n.update(step, steps, tokens)
		sum, count = sum+loss, count+tokens
		if (step+1)%logInterval == 0 {
			fmt.Printf("step %d  loss %.4f  %s\n", step+1, sum/float64(count), time.Since(start).Round(time.Second))
			sum, count = 0, 0
		}
	}
	n.prepare() // the last step's weights as operands
	return nil
}
