// Package operror is an error for people: what was attempted, why it failed, and what to do. Whoever knows the remedy makes
// one; commands print it as Error, Why and Fix, or as an object, and end with its exit code.
package operror

import "errors"

// Code is the exit code of a command that ends with an error.
type Code int

// The exit codes. Zero: whoever prints the error finds one by its cause.
const (
	User        Code = 1 // the input
	Network     Code = 2
	Chain       Code = 3 // the chain refused
	Local       Code = 4 // this machine: memory, disk, permissions
	Fraud       Code = 5 // an audit found a difference
	Interrupted Code = 130
)

// Error says what was attempted, why it failed, and what to do.
type Error struct {
	Op   string // what was attempted, e.g. "open the base"
	Ref  string // on what, e.g. a path or a run
	Err  error  // why it failed
	Hint string // what to do
	Code Code   // exit code; 0: by the cause
}

// Error is one line for logs.
func (e *Error) Error() string {
	s := e.Op
	if e.Ref != "" {
		s += " " + e.Ref
	}
	return s + ": " + e.Err.Error()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Wrap says what was attempted; a nil error stays nil, and one that says it already stays as it is.
func Wrap(op, ref string, err error) error {
	if err == nil {
		return nil
	}
	var already *Error
	if errors.As(err, &already) {
		return err
	}
	return &Error{Op: op, Ref: ref, Err: err}
}

// Hinted says what was attempted and what to do about it; a nil error stays nil.
func Hinted(op, ref string, err error, hint string) error {
	if err == nil {
		return nil
	}
	var already *Error
	if errors.As(err, &already) && already.Hint != "" {
		return err
	}
	return &Error{Op: op, Ref: ref, Err: err, Hint: hint}
}
