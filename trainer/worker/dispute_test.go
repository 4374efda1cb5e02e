package worker_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/testutil/cheat"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/attester"
	"github.com/weftnet/weft/x/round/protocol"
)

// A trainer that forges one segment is convicted by real attesters who replay it: it is paid nothing, the others are paid
// in full.
func TestForgerIsConvicted(t *testing.T) {
	for at := range uint32(3) {
		f := tinyrun.New(t)
		f.Spec.Audits, f.Spec.MinTrainers, f.Spec.Rounds = 9, 3, 1
		s := newSwarm(t, f)
		as := s.attesters(3)
		honest := s.trainers(2)
		liar := s.machine("forger", 0)
		liar.does(tinyrun.Snapshots(t), cheat.Inject(at))
		s.end(append(as, honest...)...)
		r := s.chain.over(1)
		for _, p := range r.Parts {
			if forged := p.Trainer == "forger"; forged != (p.Reason == protocol.ReasonFraud) || forged != (p.Pay == 0) {
				t.Errorf("segment %d: %s: %s, pay %d", at, p.Trainer, p.Reason, p.Pay)
			}
		}
		if len(r.Disputes) != 1 || r.Disputes[0].Outcome != protocol.DisputeFraud || r.Disputes[0].Ruling.Segment != at {
			t.Errorf("segment %d: %+v", at, r.Disputes)
		}
		liar.stop()
	}
}

// Honest attesters prove their work, so nobody is accused: what the trainers know of their own states is what the
// auditors said.
func TestHonestVerdictsProveWork(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.Audits, f.Spec.Rounds = 9, 2
	s := newSwarm(t, f)
	s.end(append(s.attesters(2), s.trainers(3)...)...)
	for n := uint64(1); n <= 2; n++ {
		r := s.chain.over(n)
		if len(r.Disputes) > 0 {
			t.Errorf("round %d: %+v", n, r.Disputes)
		}
		for _, p := range r.Parts {
			for _, a := range p.Slots[0].Audits {
				if a.Verdict != protocol.VerdictOK {
					t.Errorf("round %d: %s segment %d: %s", n, p.Trainer, a.Segment, a.Verdict)
				}
			}
		}
	}
}

// lazy is an attester's chain on which every verdict is OK, whatever was computed, and proves nothing.
type lazy struct{ *client }

func (c lazy) Submit(ctx context.Context, run uint64, events ...protocol.Event) error {
	for i, e := range events {
		if v, ok := e.(protocol.Review); ok && len(v.Findings) > 0 {
			v.Findings = slices.Clone(v.Findings)
			for j := range v.Findings {
				v.Findings[j].OK, v.Findings[j].Work = true, digest.Digest{7}
			}
			events[i] = v
		}
	}
	return c.client.Submit(ctx, run, events...)
}

// An auditor that says OK without work is exposed by the trainers, who know their states, in the last round too: it pays
// part of its bond, and nobody else does.
func TestLazyAuditorIsExposed(t *testing.T) {
	for _, rounds := range []uint32{1, 3} {
		f := tinyrun.New(t)
		f.Spec.Audits, f.Spec.MinAttesters, f.Spec.Rounds = 9, 3, rounds
		s := newSwarm(t, f)
		var as []*machine
		for i, weight := range []uint64{100, 10, 10} { // most audits are the idler's
			m := s.machine(fmt.Sprintf("attester%d", i), weight)
			c := m.Config
			c.Keep = tinyrun.Hour
			if i == 0 {
				c.Chain = lazy{m.client}
			}
			m.start(func(ctx context.Context) error { return attester.Run(ctx, attester.Config{Config: c, Stay: true}) })
			as = append(as, m)
		}
		s.end(s.trainers(3)...)
		s.until("every dispute is over", func(st *protocol.State) bool { return len(st.Rounds) == 0 })
		for _, m := range as {
			m.stop()
		}
		fined := s.fined()
		if fined["attester0"] == 0 || len(fined) > 1 {
			t.Errorf("%d rounds: fines %v", rounds, fined)
		}
	}
}

// fined counts the fines of every account. There must be no slash.
func (s *swarm) fined() map[protocol.Account]int {
	s.chain.mu.Lock()
	defer s.chain.mu.Unlock()
	out := map[protocol.Account]int{}
	for _, e := range s.chain.steps {
		switch e := e.(type) {
		case protocol.Fine:
			out[e.Account]++
		case protocol.Slash:
			s.t.Errorf("%s", e)
		}
	}
	return out
}
