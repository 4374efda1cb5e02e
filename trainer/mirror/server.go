package mirror

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
)

// Source is what a mirror serves.
type Source interface {
	// Blob is an offered blob; ckpt.ErrNotFound when there is none.
	Blob(d digest.Digest) ([]byte, error)
	// Snapshot is a snapshot as its trainer serves it; ckpt.ErrNotFound when it does not.
	Snapshot(ctx context.Context, run, round uint64, slot, leaf uint32) ([]byte, error)
}

// Limits of what strangers may ask of a mirror.
const (
	perSecond     = 20
	burst         = 100
	atOnce        = 4 // answers under way
	snapshotLimit = 30 * time.Second
)

// Handler serves GET /v1/blob/DIGEST, with ranges, and GET /v1/snapshot/RUN/ROUND/SLOT/LEAF. Beyond its limits it answers
// 429, and whoever asks tries again later.
func Handler(s Source) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/blob/{digest}", func(w http.ResponseWriter, r *http.Request) {
		d, err := digest.Parse(r.PathValue("digest"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		b, err := s.Blob(d)
		answer(w, r, b, err)
	})
	mux.HandleFunc("GET /v1/snapshot/{run}/{round}/{slot}/{leaf}", func(w http.ResponseWriter, r *http.Request) {
		var v [4]uint64
		for i, name := range []string{"run", "round", "slot", "leaf"} {
			var err error
			if v[i], err = strconv.ParseUint(r.PathValue(name), 10, 64>>(i/2)); err != nil {
				http.Error(w, name+": "+err.Error(), http.StatusBadRequest)
				return
			}
		}
		ctx, cancel := context.WithTimeout(r.Context(), snapshotLimit)
		defer cancel()
		b, err := s.Snapshot(ctx, v[0], v[1], uint32(v[2]), uint32(v[3]))
		answer(w, r, b, err)
	})
	return limited(mux)
}

func answer(w http.ResponseWriter, r *http.Request, b []byte, err error) {
	switch {
	case errors.Is(err, ckpt.ErrNotFound):
		http.Error(w, "not here", http.StatusNotFound)
	case err != nil:
		http.Error(w, "cannot be read", http.StatusInternalServerError) // what is wrong here is nobody else's business
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	}
}

// limited bounds requests by rate and number, over all askers.
func limited(h http.Handler) http.Handler {
	rates, places := rate.NewLimiter(perSecond, burst), make(chan struct{}, atOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !rates.Allow() {
			busy(w)
			return
		}
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			h.ServeHTTP(w, r)
		default:
			busy(w)
		}
	})
}

func busy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, "busy, try again", http.StatusTooManyRequests)
}
