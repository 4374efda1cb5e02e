// Package pebble stands in for github.com/cockroachdb/pebble, a database that a node may keep its state in instead of in
// goleveldb. Open refuses, so there are no databases, batches and iterators; the types are what cosmos-db compiles with.
package pebble

import (
	"errors"
	"io"
)

var errUnsupported = errors.New(`this program has no pebble: set app-db-backend to "goleveldb"`)

// Open refuses.
func Open(dir string, o *Options) (*DB, error) { return nil, errUnsupported }

// ErrNotFound is never returned.
var ErrNotFound = errors.New("not found")

// Options are those of Open.
type Options struct {
	Logger                   Logger
	MaxConcurrentCompactions func() int
	MaxOpenFiles             int
}

// EnsureDefaults does nothing.
func (o *Options) EnsureDefaults() *Options { return o }

// Logger takes messages.
type Logger interface {
	Infof(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// DefaultLogger drops them: nothing here has any.
var DefaultLogger Logger = noLogger{}

type noLogger struct{}

func (noLogger) Infof(string, ...any)  {}
func (noLogger) Errorf(string, ...any) {}
func (noLogger) Fatalf(string, ...any) {}

// WriteOptions say whether a write waits for the disk.
type WriteOptions struct{}

// Sync waits, NoSync does not.
var Sync, NoSync = &WriteOptions{}, &WriteOptions{}

// DB is a database.
type DB struct{}

func (*DB) Get(key []byte) ([]byte, io.Closer, error)    { return nil, nil, errUnsupported }
func (*DB) Set(key, value []byte, _ *WriteOptions) error { return errUnsupported }
func (*DB) Delete(key []byte, _ *WriteOptions) error     { return errUnsupported }
func (*DB) NewIter(*IterOptions) (*Iterator, error)      { return nil, errUnsupported }
func (*DB) NewBatch() *Batch                             { return &Batch{} }
func (*DB) Close() error                                 { return nil }

// Batch is a list of writes.
type Batch struct{}

func (*Batch) Set(key, value []byte, _ *WriteOptions) error { return errUnsupported }
func (*Batch) Delete(key []byte, _ *WriteOptions) error     { return errUnsupported }
func (*Batch) Commit(*WriteOptions) error                   { return errUnsupported }
func (*Batch) Len() int                                     { return 0 }
func (*Batch) Close() error                                 { return nil }

// IterOptions bound an Iterator.
type IterOptions struct{ LowerBound, UpperBound []byte }

// Iterator walks over keys.
type Iterator struct{}

func (*Iterator) First() bool   { return false }
func (*Iterator) Last() bool    { return false }
func (*Iterator) Next() bool    { return false }
func (*Iterator) Prev() bool    { return false }
func (*Iterator) Valid() bool   { return false }
func (*Iterator) Key() []byte   { return nil }
func (*Iterator) Value() []byte { return nil }
func (*Iterator) Error() error  { return errUnsupported }
func (*Iterator) Close() error  { return nil }
