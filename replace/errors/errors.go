// Package errors stands in for github.com/cockroachdb/errors, which can send errors to a web service and links its client.
// The SDK uses what the standard library has.
package errors

import (
	"errors"
	"fmt"
)

// New is errors.New.
func New(text string) error { return errors.New(text) }

// Newf is fmt.Errorf.
func Newf(format string, args ...any) error { return fmt.Errorf(format, args...) }

// Errorf is fmt.Errorf.
func Errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }

// Is is errors.Is.
func Is(err, target error) bool { return errors.Is(err, target) }

// Join is errors.Join.
func Join(errs ...error) error { return errors.Join(errs...) }

// CombineErrors joins two errors, of which either may be nil.
func CombineErrors(a, b error) error { return errors.Join(a, b) }

// Wrap says what failed; a nil error stays nil.
func Wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
