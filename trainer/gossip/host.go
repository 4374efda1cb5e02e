package gossip

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/gologshim"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/multiformats/go-multiaddr"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/digest"
)

// What libp2p logs of itself, in a form of its own, is for its developers: whoever wants it asks for it.
func init() {
	if os.Getenv("GOLOG_LOG_LEVEL") == "" {
		gologshim.SetDefaultHandler(slog.DiscardHandler)
	}
}

// View is what the network may know of the chain. Implementations are safe for concurrent use and do not block.
type View interface {
	// Member reports whether a peer is a registered worker of the network.
	Member(p peer.ID) bool
	// Account is the account that a peer's node key is bound to.
	Account(p peer.ID) (string, bool)
	// Commitment is what the chain knows of a slot's commitment; known is false if there is none (yet).
	Commitment(run, round uint64, slot uint32) (c Commitment, known bool)
}

// Commitment is the chain's word on a slot's body.
type Commitment struct {
	Trainer string
	Body    digest.Digest
	Size    uint64
}

// Options configure a Host.
type Options struct {
	ChainID string
	Key     crypto.PrivKey // node key
	Listen  []string       // multiaddresses; empty: only dial out
	View    View
	Store   ckpt.Store // where complete bodies go and what is served comes from
	Log     *slog.Logger
}

// Host is a worker's end of the network.
type Host struct {
	o    Options
	h    host.Host
	ps   *pubsub.PubSub
	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu     sync.Mutex
	topics map[uint64]*topic
	offers map[digest.Digest]bool
	arrive chan Arrival
}

// Arrival tells that a committed body is complete and in the store.
type Arrival struct {
	Run, Round uint64
	Slot       uint32
	Body       digest.Digest
}

// New starts a host.
func New(o Options) (*Host, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	opts := []libp2p.Option{libp2p.Identity(o.Key), libp2p.DisableRelay(), libp2p.ConnectionGater(gater{o.View}), libp2p.UserAgent("weft/1"),
		// Two processes that share a port would each get some of the connections: a port that is taken is an error.
		libp2p.Transport(tcp.NewTCPTransport, tcp.DisableReuseport()), libp2p.Transport(quic.NewTransport)}
	if len(o.Listen) > 0 {
		opts = append(opts, libp2p.ListenAddrStrings(o.Listen...))
	} else {
		opts = append(opts, libp2p.NoListenAddrs)
	}
	lh, err := libp2p.New(opts...)
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ps, err := pubsub.NewGossipSub(ctx, lh,
		pubsub.WithMessageSignaturePolicy(pubsub.StrictSign),
		pubsub.WithMaxMessageSize(maxMessage),
		pubsub.WithPeerOutboundQueueSize(1024),
		pubsub.WithValidateQueueSize(1024),
		pubsub.WithFloodPublish(true),
		pubsub.WithMessageIdFn(func(m *pb.Message) string { s := sha256.Sum256(m.Data); return string(s[:20]) }),
		pubsub.WithPeerScore(scoring(o.View)))
	if err != nil {
		stop()
		return nil, errors.Join(fmt.Errorf("network: %w", err), lh.Close())
	}
	h := &Host{o: o, h: lh, ps: ps, ctx: ctx, stop: stop, topics: map[uint64]*topic{}, offers: map[digest.Digest]bool{},
		arrive: make(chan Arrival, 256)}
	lh.SetStreamHandler(getProtocol, h.serve(requestSize, h.blob))
	return h, nil
}

// Close stops the host and waits for its goroutines.
func (h *Host) Close() error {
	h.stop()
	err := h.h.Close()
	h.wg.Wait()
	return err
}

// ID is the host's peer id.
func (h *Host) ID() peer.ID { return h.h.ID() }

// Addrs are the addresses the host listens on.
func (h *Host) Addrs() []multiaddr.Multiaddr { return h.h.Addrs() }

// Arrivals yields completed bodies. A full channel drops news, never bodies: whoever follows the chain finds them in the
// store.
func (h *Host) Arrivals() <-chan Arrival { return h.arrive }

// Peers are the connected members.
func (h *Host) Peers() []peer.ID { return h.h.Network().Peers() }

// Connect dials what is not connected yet, for at most timeout each, and returns how many are connected now.
func (h *Host) Connect(ctx context.Context, to []peer.AddrInfo, timeout time.Duration) int {
	var wg sync.WaitGroup
	for _, ai := range to {
		if ai.ID == h.ID() || len(ai.Addrs) == 0 || h.h.Network().Connectedness(ai.ID) == network.Connected {
			continue
		}
		wg.Go(func() {
			c, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			if err := h.h.Connect(c, ai); err != nil {
				h.o.Log.Debug("dial failed", "peer", ai.ID, "err", err)
			}
		})
	}
	wg.Wait()
	n := 0
	for _, ai := range to {
		if h.h.Network().Connectedness(ai.ID) == network.Connected {
			n++
		}
	}
	return n
}

// Offer makes a blob of the store available to the other workers.
func (h *Host) Offer(ds ...digest.Digest) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range ds {
		h.offers[d] = true
	}
}

// Offered says whether a blob was offered.
func (h *Host) Offered(d digest.Digest) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.offers[d]
}

// gater lets only members of the network connect, whichever side dials.
type gater struct{ v View }

func (g gater) InterceptPeerDial(p peer.ID) bool                                { return g.v.Member(p) }
func (g gater) InterceptAddrDial(peer.ID, multiaddr.Multiaddr) bool             { return true }
func (g gater) InterceptAccept(network.ConnMultiaddrs) bool                     { return true }
func (g gater) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }
func (g gater) InterceptSecured(_ network.Direction, p peer.ID, _ network.ConnMultiaddrs) bool {
	return g.v.Member(p)
}

// scoring punishes invalid messages; rounds are bursty, so how much a peer delivers is not scored.
func scoring(v View) (*pubsub.PeerScoreParams, *pubsub.PeerScoreThresholds) {
	return &pubsub.PeerScoreParams{
			AppSpecificScore: func(p peer.ID) float64 {
				if v.Member(p) {
					return 10
				}
				return 0
			},
			AppSpecificWeight: 1, DecayInterval: time.Second, DecayToZero: 0.01, RetainScore: time.Hour,
			BehaviourPenaltyWeight: -10, BehaviourPenaltyDecay: 0.99, BehaviourPenaltyThreshold: 6,
			Topics: map[string]*pubsub.TopicScoreParams{},
		}, &pubsub.PeerScoreThresholds{GossipThreshold: -40, PublishThreshold: -80, GraylistThreshold: -160,
			AcceptPXThreshold: 100, OpportunisticGraftThreshold: 5}
}
