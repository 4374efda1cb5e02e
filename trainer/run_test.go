package trainer

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/x/round/protocol"
)

// lineage is what the rounds of a run must come to when everybody does all of the work, computed without a network.
func (f *fixture) lineage(t *testing.T, accounts ...protocol.Account) []digest.Digest {
	t.Helper()
	slices.Sort(accounts)
	cp, store, w, keep := f.first(t), mem.New(), f.model.NewWork(1), openStates(t)
	header := protocol.Round{Run: 1, Slots: uint32(len(accounts))}
	var heads []digest.Digest
	for range f.spec.Rounds {
		header.Number++
		var cs []protocol.Contribution
		decoded := map[digest.Digest][]float32{}
		for slot, a := range accounts {
			j := NewJob(&f.spec, &header, uint32(slot), cp, f.train)
			out, err := RunSlot(t.Context(), w, j, keep, store, never, nil)
			if err != nil {
				t.Fatal(err)
			}
			if decoded[out.Commit.Body], err = CheckBody(&f.spec, cp, FirstLeaf(cp), out.Commit, out.File); err != nil {
				t.Fatal(err)
			}
			cs = append(cs, protocol.Contribution{Trainer: a, Slot: uint32(slot), Delta: out.Commit.Body, Steps: out.Commit.Steps, Tokens: j.Tokens(out.Commit.Steps)})
		}
		header.Cursor = header.Assignment(&f.spec).End()
		var err error
		if cp, err = Fold(store, cp, &f.spec, 1, header.Number, cs, decoded); err != nil {
			t.Fatal(err)
		}
		heads = append(heads, cp.Digest)
	}
	return heads
}

// Three trainers and one to four attesters: every round is paid in full, every attester computes the same checkpoint,
// which is the one that a single goroutine computes, and every checkpoint is evaluated.
func TestRunOfSeveralRounds(t *testing.T) {
	f := newFixture(t)
	want := f.lineage(t, "trainer0", "trainer9", "trainer18")
	for attesters := 1; attesters <= 4; attesters++ {
		t.Run(fmt.Sprint(attesters), func(t *testing.T) {
			f.spec.MinAttesters = uint32(attesters)
			s := newSwarm(t, f)
			as := s.attesters(attesters)
			st := s.end(append(as, s.trainers(3)...)...)
			if st.Run.Skipped != 0 || st.Run.Head != want[len(want)-1] {
				t.Errorf("head %s, want %s; %d records skipped", st.Run.Head, want[len(want)-1], st.Run.Skipped)
			}
			for i, head := range want {
				r := s.chain.over(uint64(i) + 1)
				if r.Round.Result.Checkpoint != head || !r.Round.Eval.Reported {
					t.Errorf("round %d: %s, want %s; evaluation %+v", i+1, r.Round.Result.Checkpoint, head, r.Round.Eval)
				}
				for _, p := range r.Parts {
					if p.Reason != protocol.ReasonPaid || p.Pay == 0 {
						t.Errorf("round %d: %s: %s", i+1, p.Trainer, p.Reason)
					}
				}
				if len(r.Votes) != attesters || slices.ContainsFunc(r.Votes, func(v protocol.Vote) bool { return !v.Agreed }) {
					t.Errorf("round %d: not all of %d attesters agree: %+v", i+1, attesters, r.Votes)
				}
			}
			if !s.chain.over(0).Round.Eval.Reported {
				t.Error("what the run started from is not evaluated")
			}
			for _, a := range as {
				if _, err := Load(a.Store, st.Run.Head, f.model.Config); err != nil {
					t.Errorf("%s does not hold the head: %v", a.Account, err)
				}
			}
		})
	}
}

// A worker that holds other data than the run pins says so and ends: nothing would be gained by trying again.
func TestWrongDataIsRefused(t *testing.T) {
	f := newFixture(t)
	s := newSwarm(t, f)
	for i, m := range []*machine{s.machine("trainer0", 0), s.machine("attester0", 10), s.machine("attester1", 10)} {
		var err error
		switch i {
		case 0:
			m.TrainID[0] ^= 1
			err = (&Trainer{Config: m.Config, Slots: 1, States: openStates(t)}).Run(s.ctx)
		case 1:
			m.EvalID[0] ^= 1
			err = (&Attester{Config: m.Config}).Run(s.ctx)
		case 2:
			m.Eval = f.train
			err = (&Attester{Config: m.Config}).Run(s.ctx)
		}
		if err == nil || errors.Is(err, s.ctx.Err()) {
			t.Errorf("%s: %v", m.Account, err)
		}
	}
}
