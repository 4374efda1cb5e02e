// Package getter stands in for github.com/hashicorp/go-getter, which x/upgrade uses in one place: before it sends a
// proposal with download addresses of the next binary, weftd tx upgrade software-upgrade would fetch them all. The real
// package fetches from anywhere, and for that links the clients of two clouds: a quarter of Weft's programs, and more of
// the time to build them. This one fetches nothing.
package getter

import (
	"context"
	"errors"
	"net/http"
)

var errUnsupported = errors.New("this program downloads no binaries: check them yourself and pass --no-validate")

// Get refuses.
func Get(dst, src string) error { return errUnsupported }

// Client is one download.
type Client struct {
	Ctx             context.Context
	DisableSymlinks bool
	Src, Dst, Pwd   string
	Getters         map[string]*HttpGetter
}

// Get refuses.
func (*Client) Get() error { return errUnsupported }

// HttpGetter would fetch by HTTP.
type HttpGetter struct {
	Client                *http.Client
	XTerraformGetDisabled bool
}

// Getters are the ways to fetch, by URL scheme.
var Getters = map[string]*HttpGetter{}

// ChecksumError is never returned.
type ChecksumError struct{}

func (*ChecksumError) Error() string { return "wrong checksum" }
