package gossip

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	mrand "math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
)

// view is a chain in memory.
type view struct {
	mu       sync.RWMutex
	accounts map[peer.ID]string
	commits  map[uint32]Commitment // by slot
}

func (v *view) Member(p peer.ID) bool { _, ok := v.Account(p); return ok }

func (v *view) Account(p peer.ID) (string, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	a, ok := v.accounts[p]
	return a, ok
}

func (v *view) Commitment(_, _ uint64, slot uint32) (Commitment, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	c, ok := v.commits[slot]
	return c, ok
}

func (v *view) commit(slot uint32, trainer string, body []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.commits[slot] = Commitment{trainer, digest.Sum(body), uint64(len(body))}
}

func worker(t *testing.T, v *view, name string, listen bool) (*Host, ckpt.Store) {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if name != "" {
		v.mu.Lock()
		v.accounts[id] = name
		v.mu.Unlock()
	}
	o := Options{ChainID: "weft-local", Key: key, View: v, Store: mem.New()}
	if listen {
		o.Listen = []string{"/ip4/127.0.0.1/tcp/0"}
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h, o.Store
}

func info(h *Host) peer.AddrInfo { return peer.AddrInfo{ID: h.ID(), Addrs: h.Addrs()} }

func body(n int) []byte {
	b := make([]byte, n)
	r := mrand.NewChaCha8([32]byte{byte(n)})
	if _, err := r.Read(b); err != nil {
		panic(err)
	}
	return b
}

func wait(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if cond() {
			return
		}
	}
	t.Fatal("timed out: ", what)
}

func has(t *testing.T, s ckpt.Store, b []byte) bool {
	t.Helper()
	got, err := ckpt.GetBytes(s, digest.Sum(b), 1<<24)
	if err != nil && !errors.Is(err, ckpt.ErrNotFound) {
		t.Fatal(err)
	}
	return bytes.Equal(got, b) && err == nil
}

func newView() *view {
	return &view{accounts: map[peer.ID]string{}, commits: map[uint32]Commitment{}}
}

// TestBodiesReachEveryAttester sends one body that fits a message and one of SmolLM2's size through a trainer that only
// dials one of two attesters.
func TestBodiesReachEveryAttester(t *testing.T) {
	v, ctx := newView(), context.Background()
	a1, s1 := worker(t, v, "a1", true)
	a2, s2 := worker(t, v, "a2", true)
	tr, _ := worker(t, v, "t", false)
	for _, h := range []*Host{a1, a2} {
		if err := h.Join(7, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := tr.Join(7, false); err != nil {
		t.Fatal(err)
	}
	if n := a2.Connect(ctx, []peer.AddrInfo{info(a1)}, 5*time.Second); n != 1 {
		t.Fatal("attesters are not connected")
	}
	if n := tr.Connect(ctx, []peer.AddrInfo{info(a1)}, 5*time.Second); n != 1 {
		t.Fatal("the trainer is not connected")
	}
	for slot, size := range []int{1000, 1_300_000} {
		b := body(size)
		v.commit(uint32(slot), "t", b)
		attempt := uint32(0)
		wait(t, "body", func() bool {
			if attempt%50 == 0 {
				if err := tr.Publish(ctx, 7, 1, uint32(slot), "t", attempt, b); err != nil {
					t.Log(err)
				}
			}
			attempt++
			return has(t, s1, b) && has(t, s2, b)
		})
	}
}

// TestMissingBodyIsFetched covers what gossip did not bring: an unknown commitment is ignored, and the body is fetched
// by stream, also by a second attester that the trainer does not know.
func TestMissingBodyIsFetched(t *testing.T) {
	v, ctx := newView(), context.Background()
	a1, s1 := worker(t, v, "a1", true)
	a2, s2 := worker(t, v, "a2", true)
	tr, st := worker(t, v, "t", false)
	if err := errors.Join(a1.Join(7, true), tr.Join(7, false)); err != nil {
		t.Fatal(err)
	}
	a2.Connect(ctx, []peer.AddrInfo{info(a1)}, 5*time.Second)
	tr.Connect(ctx, []peer.AddrInfo{info(a1)}, 5*time.Second)
	b := body(9_800_000)
	if _, err := ckpt.PutBytes(st, b); err != nil {
		t.Fatal(err)
	}
	wait(t, "mesh", func() bool { return tr.Publish(ctx, 7, 1, 0, "t", 0, b) == nil })
	if err := a1.Fetch(ctx, digest.Sum(b), 1000); !errors.Is(err, ErrNoHolder) {
		t.Fatalf("a body beyond the limit was fetched: %v", err)
	}
	if err := a1.Fetch(ctx, digest.Sum(b), 10_000_000, tr.ID()); err != nil || !has(t, s1, b) {
		t.Fatal(err)
	}
	if err := a2.Fetch(ctx, digest.Sum(b), 10_000_000); err != nil || !has(t, s2, b) {
		t.Fatal(err)
	}
	if err := a2.Fetch(ctx, digest.Sum([]byte("nobody has this")), 100); !errors.Is(err, ErrNoHolder) {
		t.Fatalf("got %v", err)
	}
}

func TestOnlyOfferedBlobsAreServed(t *testing.T) {
	v, ctx := newView(), context.Background()
	a1, s1 := worker(t, v, "a1", true)
	a2, _ := worker(t, v, "a2", true)
	a2.Connect(ctx, []peer.AddrInfo{info(a1)}, 5*time.Second)
	d, err := ckpt.PutBytes(s1, []byte("a checkpoint before FINAL"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a2.Fetch(ctx, d, 100); !errors.Is(err, ErrNoHolder) {
		t.Fatalf("a blob that was not offered was served: %v", err)
	}
	a1.Offer(d)
	if err := a2.Fetch(ctx, d, 100); err != nil {
		t.Fatal(err)
	}
}

func TestOutsiderIsNotLetIn(t *testing.T) {
	v, ctx := newView(), context.Background()
	a1, _ := worker(t, v, "a1", true)
	out, _ := worker(t, v, "", false)
	// The outsider's own view lets it dial; the attester's must refuse.
	out.o.View = &view{accounts: map[peer.ID]string{a1.ID(): "a1"}}
	out.Connect(ctx, []peer.AddrInfo{info(a1)}, time.Second)
	time.Sleep(200 * time.Millisecond)
	if n := len(a1.Peers()); n != 0 {
		t.Fatalf("an outsider is connected: %d peers", n)
	}
}

func TestMessageForm(t *testing.T) {
	b := body(300_000)
	ms, err := messages(Announcement{Run: 1, Round: 2, Slot: 3, Trainer: "t"}, b)
	if err != nil || len(ms) != 3 {
		t.Fatalf("%d messages, %v", len(ms), err)
	}
	var got []byte
	for i, m := range ms {
		a, piece, err := parseMessage(m)
		if err != nil || a.Piece != i {
			t.Fatal(err)
		}
		got = append(got, piece...)
		m[len(m)-1] ^= 1
		if _, _, err := parseMessage(m); err == nil {
			t.Fatal("a flipped byte was accepted")
		}
	}
	if !bytes.Equal(got, b) {
		t.Fatal("pieces do not make the body")
	}
	if ms, err = messages(Announcement{Trainer: "t"}, body(MaxGossip+1)); err != nil || len(ms) != 1 {
		t.Fatalf("a large body made %d messages, %v", len(ms), err)
	}
	if _, _, err := parseMessage(append(ms[0], make([]byte, PieceSize+1)...)); !errors.Is(err, errTooLarge) {
		t.Fatalf("oversize: %v", err)
	}
}

func FuzzParseMessage(f *testing.F) {
	ms, err := messages(Announcement{Run: 1, Trainer: "t"}, []byte("delta"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ms[0])
	f.Add([]byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, piece, err := parseMessage(b); err == nil && a.Piece >= 0 && digest.Sum(piece) != a.Pieces[a.Piece] {
			t.Fatal("accepted a piece that is not what its digest says")
		}
	})
}

// Two workers on one machine must not share a port: each would get some of the other's connections.
func TestPortInUse(t *testing.T) {
	v := &view{accounts: map[peer.ID]string{}, commits: map[uint32]Commitment{}}
	first, _ := worker(t, v, "first", true)
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	second, err := New(Options{ChainID: "test", Key: key, View: v, Store: mem.New(), Listen: []string{first.Addrs()[0].String()}})
	if err == nil {
		t.Fatalf("%s is listened on twice: %v", first.Addrs()[0], second.Close())
	}
	if !errors.Is(err, syscall.EADDRINUSE) && !strings.Contains(err.Error(), "address already in use") {
		t.Error(err)
	}
}
