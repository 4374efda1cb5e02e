package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
)

// Client reads from a mirror.
type Client struct {
	URL string // e.g. http://attester.example:4651
}

// tries bounds how often a busy mirror is asked again.
const tries = 8

// Blob gets a blob of at most limit bytes and checks its digest; ckpt.ErrNotFound when the mirror does not have it.
func (c Client) Blob(ctx context.Context, d digest.Digest, limit int64) ([]byte, error) {
	b, err := c.get(ctx, "/v1/blob/"+d.String(), limit)
	if err == nil && digest.Sum(b) != d {
		err = fmt.Errorf("%s sent bytes that hash to %s instead of %s", c.URL, digest.Sum(b), d)
	}
	return b, err
}

// Snapshot gets a snapshot of at most limit bytes as its trainer serves it; the caller checks it against the trace.
func (c Client) Snapshot(ctx context.Context, run, round uint64, slot, leaf uint32, limit int64) ([]byte, error) {
	return c.get(ctx, fmt.Sprintf("/v1/snapshot/%d/%d/%d/%d", run, round, slot, leaf), limit)
}

func (c Client) get(ctx context.Context, path string, limit int64) ([]byte, error) {
	for i := 0; ; i++ {
		b, busy, err := c.once(ctx, path, limit)
		if !busy || i == tries {
			return b, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (c Client) once(ctx context.Context, path string, limit int64) (b []byte, busy bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.URL, "/")+path, nil)
	if err != nil {
		return nil, false, err
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, r.Body.Close()) }()
	switch r.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil, false, fmt.Errorf("%s%s: %w", c.URL, path, ckpt.ErrNotFound)
	default:
		return nil, r.StatusCode == http.StatusTooManyRequests, fmt.Errorf("%s%s: %s", c.URL, path, r.Status)
	}
	b, err = io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s%s: more than %d bytes", c.URL, path, limit)
	}
	return b, false, err
}
