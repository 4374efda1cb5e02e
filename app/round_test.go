package app_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/devnet/network"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// train does in every phase what trainers and attesters do, until the run has ended.
func (s *story) train() {
	q := roundtypes.NewQueryClient(s.c)
	done := map[string]bool{}
	once := func(step string, round uint64) bool {
		key := step + string(rune(round))
		defer func() { done[key] = true }()
		return !done[key]
	}
	for {
		r, err := q.Run(s.ctx, &roundtypes.QueryRunRequest{Run: 1})
		require.NoError(s.t, err)
		if r.Run.Status == roundtypes.STATUS_ENDED {
			s.see(roundtypes.PHASE_SETTLED)
			return
		}
		for _, number := range r.Run.Unsettled {
			if once("review", number) {
				s.see(roundtypes.PHASE_REVIEW)
				s.audit(number)
				s.review(number)
			} else {
				s.judge(number)
			}
		}
		if r.Current != nil {
			s.see(r.Current.Phase)
			if once(r.Current.Phase.String(), r.Current.Number) {
				s.work(r.Current)
			}
		}
		require.NoError(s.t, s.ctx.Err())
		time.Sleep(20 * time.Millisecond)
	}
}

// see remembers the height at which a phase was first seen.
func (s *story) see(p roundtypes.Phase) {
	if _, ok := s.phases[p]; !ok {
		s.phases[p] = s.n.Height(0)
	}
}

func (s *story) work(r *roundtypes.Round) {
	switch r.Phase {
	case roundtypes.PHASE_TRAIN:
		for _, p := range s.parts(r.Number) {
			for _, slot := range p.Slots {
				c := protocol.Commit{Body: digest.Digest{9, byte(r.Number), byte(slot.Index)},
					Trace: digest.MerkleDigests(s.leaves(r.Number, p.Trainer)), Steps: 4, Size: 100}
				s.send(s.named(p.Trainer), &roundtypes.MsgCommit{Trainer: p.Trainer, Run: 1, Round: r.Number, Slot: slot.Index,
					Commit: roundtypes.CommitOf(c)})
			}
		}
	case roundtypes.PHASE_PUBLISH:
		var ok []uint32
		for i := range r.Slots {
			ok = append(ok, i)
		}
		s.send(s.attester, &roundtypes.MsgWitness{Attester: s.attester.String(), Run: 1, Round: r.Number, Ok: ok})
	case roundtypes.PHASE_ATTEST:
		s.attest(r)
	}
}

func (s *story) attest(r *roundtypes.Round) {
	o := protocol.Outcome{Checkpoint: digest.Digest{7, byte(r.Number)}, Size: 1000, AssignedTokens: uint64(r.Slots) * 40}
	for _, slot := range r.Included {
		for _, part := range s.parts(r.Number) {
			p, err := part.Protocol()
			require.NoError(s.t, err)
			if w := p.Slot(slot); w != nil {
				o.Contributions = append(o.Contributions, protocol.Contribution{Trainer: p.Trainer, Slot: slot, Delta: w.Commit.Body, Steps: 4,
					Tokens: 40})
			}
		}
	}
	me := s.attester.String()
	blind := protocol.Blind(protocol.Account(me), 1, r.Number, o.Checkpoint, o.Root())
	s.send(s.attester, &roundtypes.MsgAttest{Attester: me, Run: 1, Round: r.Number, Blind: blind.Text()})
	s.send(s.attester, &roundtypes.MsgReveal{Attester: me, Run: 1, Round: r.Number, Outcome: roundtypes.OutcomeOf(o)})
}

func (s *story) review(number uint64) {
	r, err := roundtypes.NewQueryClient(s.c).Round(s.ctx, &roundtypes.QueryRoundRequest{Run: 1, Round: number})
	require.NoError(s.t, err)
	checkpoint, err := digest.Parse(r.Round.Result.Checkpoint)
	require.NoError(s.t, err)
	me, nats := s.attester.String(), 1_500_000-100_000*number
	blind := protocol.EvalBlind(protocol.Account(me), 1, number, checkpoint, nats, 50)
	s.send(s.attester, &roundtypes.MsgReview{Attester: me, Run: 1, Round: number, Blind: blind.Text()})
	s.send(s.attester, &roundtypes.MsgReport{Attester: me, Run: 1, Round: number, MicroNats: nats, Tokens: 50})
}

func (s *story) parts(round uint64) []roundtypes.Part {
	r, err := roundtypes.NewQueryClient(s.c).Parts(s.ctx, &roundtypes.QueryPartsRequest{Run: 1, Round: round})
	require.NoError(s.t, err)
	return r.Parts
}

func (s *story) named(address string) network.Account {
	for _, a := range []network.Account{s.trainer1, s.trainer2} {
		if a.String() == address {
			return a
		}
	}
	s.t.Fatalf("nobody is %s", address)
	return network.Account{}
}
