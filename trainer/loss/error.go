package loss

import "fmt"

// Error says what is wrong with an expression, where, and what to do about it.
type Error struct {
	Column int // in the expression, from 1
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Reason) }

func wrong(column int, format string, args ...any) error {
	return &Error{Column: column, Reason: fmt.Sprintf(format, args...)}
}
