package app_test

import (
	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// leaves are what a trainer commits to. In the second round the second trainer's first segment is forged.
func (s *story) leaves(round uint64, trainer string) []digest.Digest {
	ls := []digest.Digest{{20}, {21}, {22}}
	if s.forged(round, trainer) {
		ls[1] = digest.Digest{99}
	}
	return ls
}

func (s *story) forged(round uint64, trainer string) bool {
	return round == 2 && trainer == s.trainer2.String()
}

// audit answers every audit of a round.
func (s *story) audit(round uint64) {
	me := s.attester.String()
	var findings []protocol.Finding
	for _, p := range s.parts(round) {
		for _, w := range p.Slots {
			for _, a := range w.Audits {
				findings = append(findings, protocol.Finding{
					Trainer: protocol.Account(p.Trainer), Slot: w.Index, Segment: a.Segment, OK: a.Segment > 0 || !s.forged(round, p.Trainer),
					Work: protocol.Work(protocol.Account(me), digest.Digest{30, byte(a.Segment)}),
				})
			}
		}
	}
	if len(findings) > 0 {
		s.send(s.attester, &roundtypes.MsgReview{Attester: me, Run: 1, Round: round, Findings: roundtypes.FindingsOf(findings)})
	}
}

// judge votes on the dispute of a round, and opens the vote.
func (s *story) judge(round uint64) {
	r, err := roundtypes.NewQueryClient(s.c).Disputes(s.ctx, &roundtypes.QueryDisputesRequest{Run: 1, Round: round})
	require.NoError(s.t, err)
	for _, d := range r.Disputes {
		if d.Outcome != 0 || len(d.Votes) > 0 {
			continue
		}
		s.see(roundtypes.PHASE_DISPUTE)
		me, ruling := s.attester.String(), protocol.Ruling{Leaf: digest.Digest{21}}
		blind := protocol.RulingBlind(protocol.Account(me), 1, round, d.Slot, ruling)
		s.send(s.attester, &roundtypes.MsgJudge{Attester: me, Run: 1, Round: round, Slot: d.Slot, Blind: blind.Text()})
		ls := s.leaves(round, d.Trainer)
		msg := &roundtypes.MsgConclude{Attester: me, Run: 1, Round: round, Slot: d.Slot, Ruling: roundtypes.RulingOf(ruling),
			Committed: ls[1].Text()}
		msg.Path = roundtypes.Digests(digest.MerkleProof(ls, 1))
		s.send(s.attester, msg)
	}
}
