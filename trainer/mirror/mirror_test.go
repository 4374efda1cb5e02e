package mirror

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
)

// source has one blob, one snapshot, and one blob that cannot be read.
type source struct{ lies bool }

var blob = bytes.Repeat([]byte("weft"), 1000)

func (s source) Blob(d digest.Digest) ([]byte, error) {
	switch {
	case s.lies:
		return []byte("something else"), nil
	case d == digest.Sum(blob):
		return blob, nil
	case d == digest.Digest{9}:
		return nil, errors.New("secret path")
	}
	return nil, ckpt.ErrNotFound
}

func (s source) Snapshot(_ context.Context, run, round uint64, slot, leaf uint32) ([]byte, error) {
	if run == 1 && round == 2 && slot == 3 && leaf == 4 {
		return []byte("snapshot"), nil
	}
	return nil, ckpt.ErrNotFound
}

func TestMirror(t *testing.T) {
	srv := httptest.NewServer(Handler(source{}))
	defer srv.Close()
	c, ctx := Client{srv.URL + "/"}, t.Context()
	if b, err := c.Blob(ctx, digest.Sum(blob), 1<<20); err != nil || !bytes.Equal(b, blob) {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if _, err := c.Blob(ctx, digest.Sum(blob), 3999); err == nil || !strings.Contains(err.Error(), "more than 3999 bytes") {
		t.Errorf("beyond the limit: %v", err)
	}
	if _, err := c.Blob(ctx, digest.Digest{1}, 10); !errors.Is(err, ckpt.ErrNotFound) {
		t.Errorf("absent: %v", err)
	}
	if _, err := c.Blob(ctx, digest.Digest{9}, 10); err == nil || errors.Is(err, ckpt.ErrNotFound) || strings.Contains(err.Error(), "secret") {
		t.Errorf("unreadable: %v", err)
	}
	if b, err := c.Snapshot(ctx, 1, 2, 3, 4, 10); err != nil || string(b) != "snapshot" {
		t.Errorf("snapshot %q, %v", b, err)
	}
	if _, err := c.Snapshot(ctx, 1, 2, 3, 5, 10); !errors.Is(err, ckpt.ErrNotFound) {
		t.Errorf("absent snapshot: %v", err)
	}
	lies := httptest.NewServer(Handler(source{lies: true}))
	defer lies.Close()
	if _, err := (Client{lies.URL}).Blob(ctx, digest.Sum(blob), 100); err == nil || !strings.Contains(err.Error(), "instead of") {
		t.Errorf("a lie: %v", err)
	}
	cut, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.Blob(cut, digest.Sum(blob), 1<<20); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestMirrorRefuses(t *testing.T) {
	h := Handler(source{})
	status := func(method, path string, header ...string) int {
		r := httptest.NewRequest(method, path, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for path, want := range map[string]int{
		"/v1/blob/sha256-xyz":                   http.StatusBadRequest,
		"/v1/blob/../etc/passwd":                http.StatusTemporaryRedirect,
		"/v1/snapshot/1/2/3/-4":                 http.StatusBadRequest,
		"/v1/snapshot/1/2/4294967296/4":         http.StatusBadRequest,
		"/v1/snapshot/1/2/3":                    http.StatusNotFound,
		"/":                                     http.StatusNotFound,
		"/v1/blob/" + digest.Sum(blob).String(): http.StatusOK,
	} {
		if got := status(http.MethodGet, path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if got := status(http.MethodPost, "/v1/blob/"+digest.Sum(blob).String()); got != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", got)
	}
	if got := status(http.MethodGet, "/v1/blob/"+digest.Sum(blob).String(), "Range", "bytes=10-19"); got != http.StatusPartialContent {
		t.Errorf("a range: %d", got)
	}
	busy := false
	for range 2 * burst {
		busy = busy || status(http.MethodGet, "/") == http.StatusTooManyRequests
	}
	if !busy {
		t.Error("nobody is ever told to come back later")
	}
}
