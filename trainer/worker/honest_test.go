package worker_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/weftnet/weft/devnet/tiny"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/base"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/llm"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/x/round/protocol"
)

var honestRounds = flag.Int("honest.rounds", 24, "least number of rounds that TestHonestRoundsCostNobody plans")

// honestRunRounds are the rounds of one of its runs.
const honestRunRounds = 3

// Whatever happens to honest workers (they are late, die, are started again, are slow, do not reach the chain for a while,
// attest at the quorum's edge, on different kernels and numbers of threads), nobody is slashed or fined, nobody is accused,
// and every bond comes back whole.
func TestHonestRoundsCostNobody(t *testing.T) {
	if testing.Short() {
		*honestRounds = 3
	}
	models := tinyModels(t)
	var mu sync.Mutex
	seen := map[protocol.Reason]int{}
	rounds := 0
	t.Run("runs", func(t *testing.T) {
		for seed := range uint64((*honestRounds + honestRunRounds - 1) / honestRunRounds) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				s := honestRun(t, rand.New(rand.NewPCG(seed, 7)), models)
				mu.Lock()
				defer mu.Unlock()
				s.chain.mu.Lock()
				defer s.chain.mu.Unlock()
				for _, r := range s.chain.past {
					if r.Round.Number > 0 {
						rounds++
					}
					for _, p := range r.Parts {
						seen[p.Reason]++
					}
				}
			})
		}
	})
	t.Logf("%d rounds; parts by reason: %v", rounds, seen)
	if seen[protocol.ReasonFraud] > 0 || seen[protocol.ReasonPaid] == 0 || seen[protocol.ReasonLate] == 0 && !testing.Short() {
		t.Error("somebody is convicted, or the faults do not show")
	}
}

// tinyModels is the tiny base on every kernel that this machine has.
func tinyModels(t *testing.T) (models []*llm.Model) {
	t.Helper()
	dir := t.TempDir()
	if err := tiny.Write(dir); err != nil {
		t.Fatal(err)
	}
	b, err := base.Open(filepath.Join(dir, tiny.Base))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for i, kernel := range []string{"", "avx2", "avx512", "go"} {
		e, err := exact.NewNamed(exact.BFloat16, 1+i%3, kernel)
		if err != nil {
			continue // not of this processor
		}
		m, err := b.Load(e, 0)
		if err != nil {
			t.Fatal(err)
		}
		models = append(models, m)
	}
	return models
}

// honestRun plays one run with random faults to its end and checks the money.
func honestRun(t *testing.T, rnd *rand.Rand, models []*llm.Model) *swarm {
	f := tinyrun.New(t)
	attesters := 3 + rnd.IntN(2)
	f.Spec.Audits, f.Spec.Rounds, f.Spec.MinTrainers, f.Spec.MaxMisses = 1+rnd.Uint32N(3), honestRunRounds, 1, 100
	f.Spec.MinAttesters = uint32(2 * attesters / 3) // the quorum's edge
	f.Spec.TrainTime, f.Spec.Grace = 3*time.Second, 400*time.Millisecond
	f.Spec.PublishTime, f.Spec.AttestTime, f.Spec.ReviewTime = 1500*time.Millisecond, 1500*time.Millisecond, 1500*time.Millisecond
	f.Spec.MaxWait = 20 * time.Second
	s := newSwarm(t, f)
	var trainers, judges []*machine
	for i := range attesters {
		m := s.machine(fmt.Sprintf("attester%d", i), 10)
		judges = append(judges, s.hinder(m, rnd, models).attests())
	}
	states := map[*machine]*slot.Snapshots{}
	for i := range 2 + rnd.IntN(2) {
		m := s.machine(fmt.Sprintf("trainer%d", i), 0)
		states[m] = tinyrun.Snapshots(t)
		trainers = append(trainers, s.hinder(m, rnd, models).trains(states[m]))
	}
	for !s.over() {
		time.Sleep(time.Duration(100+rnd.IntN(500)) * time.Millisecond)
		down := time.Duration(rnd.IntN(2500)) * time.Millisecond
		if m := trainers[rnd.IntN(len(trainers))]; rnd.IntN(3) > 0 {
			m.stop()
			time.Sleep(down)
			m.trains(states[m])
		} else {
			m := judges[rnd.IntN(len(judges))]
			m.stop()
			time.Sleep(down / 2)
			m.attests()
		}
	}
	for _, m := range append(trainers, judges...) {
		m.stop()
	}
	s.nobodyPaid()
	return s
}

// hinder gives a machine a kernel of its own, and lets what it sends be late now and then.
func (s *swarm) hinder(m *machine, rnd *rand.Rand, models []*llm.Model) *machine {
	model := models[rnd.IntN(len(models))]
	m.NewPass = func() replay.Pass { return model.NewWork(1) }
	m.client.slow = rand.New(rand.NewPCG(rnd.Uint64(), 1))
	return m
}

func (s *swarm) over() bool {
	st, _, _ := s.chain.at()
	return st.Run.Status == protocol.StatusEnded || s.ctx.Err() != nil
}

// nobodyPaid checks the effects of a run: no penalty, no deposit that was not given back, every bond released whole.
func (s *swarm) nobodyPaid() {
	s.t.Helper()
	s.chain.mu.Lock()
	defer s.chain.mu.Unlock()
	if s.ctx.Err() != nil {
		s.t.Fatalf("the run does not end: %+v", s.chain.state.Run)
	}
	bonds, deposits := map[protocol.Account]int64{}, map[protocol.Account]int64{}
	for _, e := range s.chain.steps {
		switch e := e.(type) {
		case protocol.Slash, protocol.Fine, protocol.NumericsSuspect, protocol.Taint, protocol.Disputed:
			s.t.Errorf("%s", e)
		case protocol.LockBond:
			bonds[e.Account] += int64(e.Amount)
		case protocol.ReleaseBond:
			bonds[e.Account] -= int64(e.Amount)
		case protocol.LockDeposit:
			deposits[e.Account] -= int64(e.Amount)
		case protocol.PayDeposit:
			deposits[e.Account] += int64(e.Amount)
		}
	}
	for _, books := range []map[protocol.Account]int64{bonds, deposits} {
		for account, left := range books {
			if left != 0 {
				s.t.Errorf("%s is short of %d uweft", account, left)
			}
		}
	}
}
