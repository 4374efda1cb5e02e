package worker_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/attester"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// lineage is what the rounds of a run must come to when everybody does all of the work, computed without a network.
func lineage(t *testing.T, f *tinyrun.Run, accounts ...protocol.Account) []digest.Digest {
	t.Helper()
	slices.Sort(accounts)
	cp, store, w, keep := f.First(t), mem.New(), f.Model.NewWork(1), tinyrun.Snapshots(t)
	header := protocol.Round{Run: 1, Slots: uint32(len(accounts))}
	var heads []digest.Digest
	for range f.Spec.Rounds {
		header.Number++
		var cs []protocol.Contribution
		decoded := map[digest.Digest][]float32{}
		for i, a := range accounts {
			j := replay.NewJob(&f.Spec, &header, uint32(i), cp, f.Train)
			out, err := slot.Run(t.Context(), w, j, keep, store, tinyrun.Never, nil)
			if err != nil {
				t.Fatal(err)
			}
			if decoded[out.Commit.Body], err = checkpoint.CheckBody(&f.Spec, cp, replay.FirstLeaf(cp), out.Commit, out.File); err != nil {
				t.Fatal(err)
			}
			cs = append(cs, protocol.Contribution{Trainer: a, Slot: uint32(i), Delta: out.Commit.Body, Steps: out.Commit.Steps,
				Tokens: j.Tokens(out.Commit.Steps)})
		}
		header.Cursor = header.Assignment(&f.Spec).End()
		var err error
		if cp, err = checkpoint.Fold(store, cp, &f.Spec, 1, header.Number, cs, decoded); err != nil {
			t.Fatal(err)
		}
		heads = append(heads, cp.Digest)
	}
	return heads
}

// Three trainers and one to four attesters: every round is paid in full, every attester computes the same checkpoint,
// which is the one that a single goroutine computes, and every checkpoint is evaluated.
func TestRunOfSeveralRounds(t *testing.T) {
	f := tinyrun.New(t)
	want := lineage(t, f, "trainer0", "trainer9", "trainer18")
	for attesters := 1; attesters <= 4; attesters++ {
		t.Run(fmt.Sprint(attesters), func(t *testing.T) {
			f.Spec.MinAttesters = uint32(attesters)
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
				if _, err := checkpoint.Load(a.Store, st.Run.Head, f.Model.Config); err != nil {
					t.Errorf("%s does not hold the head: %v", a.Account, err)
				}
			}
		})
	}
}

// A worker that holds other data than the run pins says so and ends: nothing would be gained by trying again.
func TestWrongDataIsRefused(t *testing.T) {
	f := tinyrun.New(t)
	s := newSwarm(t, f)
	for i, m := range []*machine{s.machine("trainer0", 0), s.machine("attester0", 10), s.machine("attester1", 10)} {
		var err error
		switch i {
		case 0:
			m.TrainID[0] ^= 1
			err = trainer.Run(s.ctx, trainer.Config{Config: m.Config, Slots: 1, Snapshots: tinyrun.Snapshots(t)})
		case 1:
			m.EvalID[0] ^= 1
			err = attester.Run(s.ctx, attester.Config{Config: m.Config})
		case 2:
			m.Eval = f.Train
			err = attester.Run(s.ctx, attester.Config{Config: m.Config})
		}
		if err == nil || errors.Is(err, s.ctx.Err()) {
			t.Errorf("%s: %v", m.Account, err)
		}
	}
}

func TestUnusableLossIsRefused(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.Loss = "expr:mean(log(logp))"
	w := worker.New(worker.Config{Run: 5, Decoder: f.Model.Config, Train: f.Train, TrainID: f.TrainID})
	if err := w.Check(&f.Spec, false); err == nil || !strings.Contains(err.Error(), "run 5 has a loss that cannot be trained: expr: ") {
		t.Errorf("a worker says %v", err)
	}
}
