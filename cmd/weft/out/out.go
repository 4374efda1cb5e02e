// Package out writes what a command found: sentences for people, or one JSON object per line for machines. docs/json.md lists
// the objects.
package out

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
)

// Printer writes events. It is safe for concurrent use.
type Printer struct {
	mu   sync.Mutex
	w    io.Writer
	JSON bool
	err  error
}

// New returns a command's printer.
func New(c *cobra.Command) *Printer {
	j, err := c.Flags().GetBool("json")
	return &Printer{w: c.OutOrStdout(), JSON: err == nil && j}
}

// Emit writes one event. An event that people are told nothing of is written for machines alone.
func (p *Printer) Emit(e status.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.JSON {
		line, err := status.Line(e)
		if err != nil { // a number that JSON has no form for, such as an infinite loss
			p.err = fmt.Errorf("write the event %s: %w", e.Kind(), err)
			return
		}
		p.write("%s\n", line)
		return
	}
	if text := e.Text(); text != "" {
		p.write("%s\n", text)
	}
}

// Text writes something for people alone.
func (p *Printer) Text(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.JSON {
		p.write("%s", text)
	}
}

func (p *Printer) write(format string, args ...any) {
	if _, err := fmt.Fprintf(p.w, format, args...); err != nil && p.err == nil {
		p.err = err
	}
}

// Err is the first failure to write.
func (p *Printer) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Failure is an error as machines read it.
type Failure struct {
	Op    string `json:"op"`            // what was attempted
	Ref   string `json:"ref,omitempty"` // on what
	Error string `json:"error"`         // why it failed
	Fix   string `json:"fix,omitempty"` // what to do
	Code  int    `json:"code"`          // exit code
}

// Kind implements status.Event.
func (*Failure) Kind() string { return "error" }

// Text implements status.Event.
func (f *Failure) Text() string {
	s := "Error: cannot " + f.Op
	if f.Ref != "" {
		s += " " + f.Ref
	}
	s += "\nWhy:   " + strings.ReplaceAll(f.Error, "\n", "\n       ")
	if f.Fix != "" {
		s += "\nFix:   " + f.Fix
	}
	return s
}

// Report writes an error and returns the exit code. cause gives the code and the fix of an error that has none of its own.
func Report(w io.Writer, asJSON bool, op *operror.Error, cause func(error) (operror.Code, string)) int {
	code, fix := cause(op.Err)
	if op.Code != 0 {
		code = op.Code
	}
	if op.Hint != "" {
		fix = op.Hint
	}
	f := &Failure{Op: op.Op, Ref: op.Ref, Error: op.Err.Error(), Fix: fix, Code: int(code)}
	if asJSON {
		if line, err := json.Marshal(f); err == nil {
			fmt.Fprintf(w, `{"event":"error",%s`+"\n", line[1:])
			return int(code)
		}
	}
	fmt.Fprintln(w, f.Text())
	return int(code)
}
