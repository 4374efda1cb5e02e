package gossip

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
)

// topic is a run's topic and the bodies that are being put together.
type topic struct {
	t   *pubsub.Topic
	sub *pubsub.Subscription

	mu      sync.Mutex
	partial map[digest.Digest]*partial
}

type partial struct {
	a     Announcement
	have  [][]byte
	left  int
	begun time.Time
}

// limits of what an attester keeps of unfinished bodies.
const (
	maxPartial = 4096
	partialAge = 10 * time.Minute
)

func (h *Host) topicName(run uint64) string {
	return fmt.Sprintf("/weft/1/%s/run/%d", h.o.ChainID, run)
}

// Join enters a run's topic. A trainer only publishes; an attester (receive) also validates, relays and collects bodies.
func (h *Host) Join(run uint64, receive bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics[run] != nil {
		return nil
	}
	name := h.topicName(run)
	if receive {
		err := h.ps.RegisterTopicValidator(name, func(_ context.Context, _ peer.ID, m *pubsub.Message) pubsub.ValidationResult {
			return h.judge(run, m)
		}, pubsub.WithValidatorTimeout(5*time.Second), pubsub.WithValidatorConcurrency(64))
		if err != nil {
			return fmt.Errorf("network: %w", err)
		}
	}
	pt, err := h.ps.Join(name)
	if err != nil {
		return fmt.Errorf("network: %w", err)
	}
	t := &topic{t: pt, partial: map[digest.Digest]*partial{}}
	h.topics[run] = t
	if !receive {
		return nil
	}
	if err := pt.SetScoreParams(&pubsub.TopicScoreParams{TopicWeight: 1, TimeInMeshQuantum: time.Second, TimeInMeshCap: 10,
		TimeInMeshWeight:             0.01,
		FirstMessageDeliveriesWeight: 1, FirstMessageDeliveriesDecay: 0.99, FirstMessageDeliveriesCap: 20,
		InvalidMessageDeliveriesWeight: -100, InvalidMessageDeliveriesDecay: 0.99}); err != nil {
		return fmt.Errorf("network: %w", err)
	}
	if t.sub, err = pt.Subscribe(pubsub.WithBufferSize(1024)); err != nil {
		return fmt.Errorf("network: %w", err)
	}
	h.wg.Go(func() { h.receive(t) })
	return nil
}

// judge accepts what matches a commitment, ignores what cannot be judged yet, and rejects what is provably wrong.
func (h *Host) judge(run uint64, m *pubsub.Message) pubsub.ValidationResult {
	a, _, err := parseMessage(m.Data)
	if err != nil || a.Run != run {
		return pubsub.ValidationReject
	}
	account, ok := h.o.View.Account(m.GetFrom())
	if !ok {
		return pubsub.ValidationIgnore // a registration that this node may not have seen
	}
	if account != a.Trainer {
		return pubsub.ValidationReject
	}
	c, known := h.o.View.Commitment(a.Run, a.Round, a.Slot)
	if !known {
		return pubsub.ValidationIgnore
	}
	if c.Trainer != a.Trainer || c.Body != a.Body || c.Size != a.Size {
		return pubsub.ValidationReject
	}
	return pubsub.ValidationAccept
}

func (h *Host) receive(t *topic) {
	for {
		m, err := t.sub.Next(h.ctx)
		if err != nil {
			return // the host is closing
		}
		a, piece, err := parseMessage(m.Data)
		if err != nil || a.Piece == noPiece {
			continue // a body to be fetched by stream: whoever follows the chain does
		}
		body := t.add(a, piece)
		if body == nil {
			continue
		}
		if err := h.keep(a, body); err != nil {
			h.o.Log.Error("a body could not be kept", "body", a.Body, "err", err)
		}
	}
}

// add stores a piece and returns the body when it is complete and what its digest says.
func (t *topic) add(a Announcement, piece []byte) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.partial[a.Body]
	if p == nil {
		t.prune()
		p = &partial{a: a, have: make([][]byte, len(a.Pieces)), left: len(a.Pieces), begun: time.Now()}
		t.partial[a.Body] = p
	}
	if len(a.Pieces) != len(p.have) || p.have[a.Piece] != nil || a.Pieces[a.Piece] != p.a.Pieces[a.Piece] {
		return nil
	}
	p.have[a.Piece] = piece
	if p.left--; p.left > 0 {
		return nil
	}
	delete(t.partial, a.Body)
	var body []byte
	for _, b := range p.have {
		body = append(body, b...)
	}
	if digest.Sum(body) != a.Body {
		return nil
	}
	return body
}

// prune drops what will never be finished, and everything rather than growing without bound.
func (t *topic) prune() {
	for d, p := range t.partial {
		if time.Since(p.begun) > partialAge || len(t.partial) > maxPartial {
			delete(t.partial, d)
		}
	}
}

func (h *Host) keep(a Announcement, body []byte) error {
	if _, err := ckpt.PutBytes(h.o.Store, body); err != nil {
		return err
	}
	h.Offer(a.Body)
	select {
	case h.arrive <- Arrival{a.Run, a.Round, a.Slot, a.Body}:
	default:
	}
	return nil
}

// Publish announces a slot's body to the run's attesters and sends it along if it is small enough; a larger one they
// fetch. It may be repeated, with another attempt, until the chain shows that enough attesters have it.
func (h *Host) Publish(ctx context.Context, run, round uint64, slot uint32, trainer string, attempt uint32, body []byte) error {
	h.mu.Lock()
	t := h.topics[run]
	h.mu.Unlock()
	if t == nil {
		return fmt.Errorf("network: not in the topic of run %d", run)
	}
	h.Offer(digest.Sum(body))
	ms, err := messages(Announcement{Run: run, Round: round, Slot: slot, Trainer: trainer, Attempt: attempt}, body)
	if err != nil {
		return fmt.Errorf("network: %w", err)
	}
	var batch pubsub.MessageBatch
	for _, m := range ms {
		if err := t.t.AddToBatch(ctx, &batch, m); err != nil {
			return fmt.Errorf("network: %w", err)
		}
	}
	if err := h.ps.PublishBatch(&batch); err != nil {
		return fmt.Errorf("network: %w", err)
	}
	if len(t.t.ListPeers()) == 0 {
		return errors.New("network: no attester of the run is connected")
	}
	return nil
}
