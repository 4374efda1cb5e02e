package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"
)

// printer writes what a command found: sentences for people, or one JSON object per line for machines.
type printer struct {
	mu   sync.Mutex
	w    io.Writer
	json bool
}

func out(c *cobra.Command) *printer {
	j, err := c.Flags().GetBool("json")
	return &printer{w: c.OutOrStdout(), json: err == nil && j}
}

// fields are the members of a JSON line.
type fields map[string]any

// event prints text for people, or the fields with the event's name for machines.
func (p *printer) event(name string, f fields, text string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.json {
		if text != "" {
			fmt.Fprintf(p.w, text+"\n", args...)
		}
		return
	}
	o := fields{"event": name}
	for k, v := range f {
		o[k] = v
	}
	b, err := json.Marshal(o)
	if err != nil {
		b = []byte(fmt.Sprintf(`{"event":%q,"error":%q}`, name, err.Error()))
	}
	fmt.Fprintln(p.w, string(b))
}

// value prints v as one JSON line, or text.
func (p *printer) value(v any, text string, args ...any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.json {
		_, err := fmt.Fprintf(p.w, text+"\n", args...)
		return err
	}
	return json.NewEncoder(p.w).Encode(v)
}
