package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ardanlabs/jinja"
)

// Message is one turn of a conversation. Other carries further keys that a template may read.
type Message struct {
	Role    string         `json:"role"`
	Content string         `json:"content"`
	Other   map[string]any `json:"-"`
}

// ErrNoTemplate is returned when a base has no chat template.
var ErrNoTemplate = errors.New("the base has no chat template")

// Chat renders conversations by a base's own chat template (Jinja, as transformers applies it). Functions that would
// make the text depend on the day (strftime_now) are not defined, so rendering is a function of its input.
type Chat struct {
	Source   string
	BOS, EOS string
	tmpl     *jinja.Template
}

// NewChat compiles a template.
func NewChat(source, bos, eos string) (*Chat, error) {
	t, err := jinja.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("chat template: %w", err)
	}
	return &Chat{Source: source, BOS: bos, EOS: eos, tmpl: t}, nil
}

// Render returns the text of a conversation; prompt adds the start of an assistant's turn.
func (c *Chat) Render(ms []Message, prompt bool) (string, error) {
	list := make([]jinja.Value, len(ms))
	for i, m := range ms {
		v := jinja.NewDict()
		d := v.AsDict()
		d.Set("role", jinja.NewString(m.Role))
		d.Set("content", jinja.NewString(m.Content))
		extra := jinja.FromGoValue(m.Other).AsDict()
		for _, k := range extra.OrderedKeys() {
			x, _ := extra.Get(k)
			d.Set(k, x)
		}
		list[i] = v
	}
	s, err := c.tmpl.RenderValues(map[string]jinja.Value{
		"messages":              jinja.NewList(list),
		"add_generation_prompt": jinja.NewBool(prompt),
		"bos_token":             jinja.NewString(c.BOS),
		"eos_token":             jinja.NewString(c.EOS),
		"raise_exception": jinja.NewCallable("raise_exception", func(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
			if len(args) == 0 {
				return jinja.Undefined(), errors.New("the template refuses the conversation")
			}
			return jinja.Undefined(), errors.New(args[0].AsString())
		}),
	})
	if err != nil {
		return "", fmt.Errorf("chat template: %w", err)
	}
	return s, nil
}

// special is a token's text, written as a string or as an object with a content.
type special string

// UnmarshalJSON takes both forms.
func (s *special) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*s = special(one)
		return nil
	}
	var obj struct {
		Content string `json:"content"`
	}
	err := json.Unmarshal(b, &obj)
	*s = special(obj.Content)
	return err
}

// LoadChat reads a base folder's chat template: chat_template.jinja, or chat_template in tokenizer_config.json (a
// string, or a list of named ones of which "default" is taken). It returns ErrNoTemplate when there is none.
func LoadChat(dir string) (*Chat, error) {
	var cfg struct {
		Template json.RawMessage `json:"chat_template"`
		BOS      special         `json:"bos_token"`
		EOS      special         `json:"eos_token"`
	}
	b, err := os.ReadFile(filepath.Join(dir, "tokenizer_config.json"))
	if err == nil {
		if err := json.Unmarshal(b, &cfg); err != nil {
			return nil, fmt.Errorf("tokenizer_config.json: %w", err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	source, err := os.ReadFile(filepath.Join(dir, "chat_template.jinja"))
	if errors.Is(err, fs.ErrNotExist) {
		source, err = templateOf(cfg.Template)
	}
	if err != nil {
		return nil, err
	}
	return NewChat(string(source), string(cfg.BOS), string(cfg.EOS))
}

func templateOf(raw json.RawMessage) ([]byte, error) {
	var one string
	if len(raw) == 0 || string(raw) == "null" {
		return nil, ErrNoTemplate
	}
	if json.Unmarshal(raw, &one) == nil {
		return []byte(one), nil
	}
	var named []struct{ Name, Template string }
	if err := json.Unmarshal(raw, &named); err != nil {
		return nil, fmt.Errorf("tokenizer_config.json: chat_template: %w", err)
	}
	for _, n := range named {
		if n.Name == "default" {
			return []byte(n.Template), nil
		}
	}
	return nil, ErrNoTemplate
}
