package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/tokenizer"
)

// Exit codes.
const (
	codeUser        = 1
	codeNetwork     = 2
	codeChain       = 3
	codeLocal       = 4
	codeInterrupted = 130
)

// OpError is an error for people: what was attempted, why it failed, and what to do.
type OpError struct {
	Op   string // what was attempted, e.g. "open the base"
	Ref  string // on what, e.g. a path or a run
	Err  error  // why it failed
	Hint string // what to do
	Code int    // exit code; 0 means codeUser
}

func (e *OpError) Error() string {
	s := e.Op
	if e.Ref != "" {
		s += " " + e.Ref
	}
	return s + ": " + e.Err.Error()
}

// Unwrap is the cause.
func (e *OpError) Unwrap() error { return e.Err }

// report prints Error, Why and Fix and returns the exit code.
func report(w io.Writer, err error) int {
	var op *OpError
	if !errors.As(err, &op) {
		op = &OpError{Op: "weft", Err: err}
	}
	code, hint := classify(op.Err)
	if op.Code != 0 {
		code = op.Code
	}
	if op.Hint != "" {
		hint = op.Hint
	}
	fmt.Fprintf(w, "Error: cannot %s", op.Op)
	if op.Ref != "" {
		fmt.Fprintf(w, " %s", op.Ref)
	}
	fmt.Fprintf(w, "\nWhy:   %s\n", strings.ReplaceAll(op.Err.Error(), "\n", "\n       "))
	if hint != "" {
		fmt.Fprintf(w, "Fix:   %s\n", hint)
	}
	return code
}

// classify gives an exit code and a usual remedy for errors that carry none.
func classify(err error) (code int, hint string) {
	var tx *chain.TxError
	text := err.Error()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return codeUser, "check the path"
	case errors.Is(err, fs.ErrPermission):
		return codeLocal, "check the file's permissions"
	case errors.Is(err, tokenizer.ErrNoTemplate):
		return codeUser, "use records with prompt and completion, or another base"
	case errors.Is(err, gossip.ErrNoHolder):
		return codeNetwork, "check that an attester of the run is running and can be reached"
	case strings.Contains(text, "insufficient funds") || strings.Contains(text, "does it have coins"):
		return codeChain, "send coins to the account first"
	case errors.As(err, &tx):
		return codeChain, "see docs/errors.md"
	case strings.Contains(text, "connection refused") || strings.Contains(text, "no such host"):
		return codeNetwork, "start the node, or set its address with --node"
	case strings.Contains(text, "no space left"):
		return codeLocal, "free some disk space"
	}
	return codeUser, "see docs/errors.md"
}

// failed wraps an error for people; a nil error stays nil.
func failed(op, ref string, err error) error {
	if err == nil {
		return nil
	}
	var already *OpError
	if errors.As(err, &already) {
		return err
	}
	return &OpError{Op: op, Ref: ref, Err: err}
}
