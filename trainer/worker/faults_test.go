package worker_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/testutil/cheat"
	"github.com/weftnet/weft/testutil/tinyrun"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/trainer/trainer"
	"github.com/weftnet/weft/x/round/protocol"
)

// withheld is the lie of a trainer that commits a good body and gives it to nobody.
const withheld = "withheld"

// lying does a slot's work and then commits to something else, or gives its body to nobody.
func lying(what string) slot.Func {
	return func(ctx context.Context, w replay.Pass, j *replay.Job, keep *slot.Snapshots, s ckpt.Store, deadline func() time.Time,
		tell slot.Progress) (*slot.Result, error) {
		out, err := slot.Run(ctx, w, j, keep, s, deadline, tell)
		if err != nil {
			return nil, err
		}
		if what == withheld {
			return out, s.Delete(out.Commit.Body)
		}
		out.File, out.Commit, err = cheat.Malformed(what, out.File)
		if err != nil {
			return nil, err
		}
		_, err = ckpt.PutBytes(s, out.File)
		return out, err
	}
}

// Whoever commits a malformed body, in whatever way, is witnessed bad by every attester and recorded as MALFORMED; who
// gives its body to nobody is UNAVAILABLE; the honest trainer is paid for its work as if it were alone.
func TestBadBodiesAreRecorded(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.Codec, f.Spec.Rounds, f.Spec.MinAttesters, f.Spec.MinTrainers = protocol.CodecF32, 1, 2, uint32(len(cheat.Malformations()))+2
	f.Spec.PublishTime = 6 * time.Second
	s := newSwarm(t, f)
	ms := s.attesters(2)
	want := map[protocol.Account]protocol.Reason{"trainer0": protocol.ReasonPaid, withheld: protocol.ReasonUnavailable}
	for _, what := range cheat.Malformations() {
		ms = append(ms, s.machine(what, 0).does(tinyrun.Snapshots(t), lying(what)))
		want[protocol.Account(what)] = protocol.ReasonMalformed
	}
	ms = append(ms, s.machine(withheld, 0).does(tinyrun.Snapshots(t), lying(withheld)))
	st := s.end(append(ms, s.trainers(1)...)...)
	r := s.chain.over(1)
	for account, reason := range want {
		if got := reasonOf(r, account); got != reason {
			t.Errorf("%s: %s, want %s", account, got, reason)
		}
	}
	for _, p := range r.Parts {
		if w := p.Slots[0]; w.BadWeight != map[bool]uint64{true: 20}[want[p.Trainer] == protocol.ReasonMalformed] {
			t.Errorf("%s: %d of 20 found it invalid", p.Trainer, w.BadWeight)
		}
	}
	if len(r.Round.Included) != 1 || len(r.Round.Result.Contributions) != 1 ||
		st.Run.Skipped != uint64(f.Spec.InnerSteps*f.Spec.Batch)*uint64(len(want)-1) {
		t.Errorf("included %v, %d records skipped", r.Round.Included, st.Run.Skipped)
	}
	for _, what := range cheat.Malformations() {
		found := false
		for _, e := range said[*status.Malformed](s, "attester0") {
			found = found || string(e.Trainer) == what && e.Error != ""
		}
		if !found {
			t.Errorf("%s: the attester does not say why", what)
		}
	}
}

// Trainers that cannot do all steps before the deadline commit what they have, and are paid for that.
func TestPartialCredit(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.InnerSteps, f.Spec.Segment, f.Spec.Rounds = 8000, 50, 1
	f.Spec.TrainTime, f.Spec.Grace = 6*time.Second, 5*time.Second
	s := newSwarm(t, f)
	st := s.end(append(s.attesters(1), s.trainers(3)...)...)
	r, steps := s.chain.over(1), uint64(0)
	for i, p := range r.Parts {
		c := r.Round.Result.Contributions[i]
		if p.Reason != protocol.ReasonPaidPartial || p.Steps == 0 || p.Steps >= p.Assigned || p.Pay == 0 || c.Steps != uint32(p.Steps) ||
			c.Tokens != p.Tokens {
			t.Errorf("%s: %s for %d of %d steps, pay %d; %+v", p.Trainer, p.Reason, p.Steps, p.Assigned, p.Pay, c)
		}
		steps += p.Steps
	}
	if st.Run.Skipped != (3*8000-steps)*uint64(f.Spec.Batch) || st.Run.Escrow.Refunded == 0 {
		t.Errorf("%d records skipped, escrow %+v", st.Run.Skipped, st.Run.Escrow)
	}
}

// meeting lets two machines pass only together, once in each round.
type meeting struct {
	mu    sync.Mutex
	here  map[uint64]int
	opens map[uint64]chan struct{}
}

func (g *meeting) pass(ctx context.Context, e protocol.Event) error {
	c, ok := e.(protocol.CommitWork)
	if !ok {
		return nil
	}
	g.mu.Lock()
	if g.opens[c.Round] == nil {
		g.opens[c.Round] = make(chan struct{})
	}
	open := g.opens[c.Round]
	if g.here[c.Round]++; g.here[c.Round] == 2 {
		close(open)
	}
	g.mu.Unlock()
	select {
	case <-open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Two machines run with one key: in every round the first commitment counts, the other machine says what is the matter,
// and the account is paid as if there were one.
func TestTwoMachinesWithOneKey(t *testing.T) {
	f := tinyrun.New(t)
	want := lineage(t, f, "trainer0", "trainer9", "twin")
	s, g := newSwarm(t, f), &meeting{here: map[uint64]int{}, opens: map[uint64]chan struct{}{}}
	one := s.machine("twin", 0)
	two := s.with("twin", one.key, false)
	one.client.before, two.client.before = g.pass, g.pass
	ms := append(s.attesters(2), one.trains(tinyrun.Snapshots(t)), two.trains(tinyrun.Snapshots(t)))
	st := s.end(append(ms, s.trainers(2)...)...)
	told := 0
	for _, e := range said[*status.Problem](s, "twin") {
		if strings.Contains(e.Error, "another machine with this key") {
			told++
		}
	}
	if told != int(f.Spec.Rounds) || st.Run.Head != want[len(want)-1] || st.Run.Skipped != 0 {
		t.Errorf("told %d times; head %s, want %s", told, st.Run.Head, want[len(want)-1])
	}
	for i := range want {
		if got := reasonOf(s.chain.over(uint64(i)+1), "twin"); got != protocol.ReasonPaid {
			t.Errorf("round %d: %s", i+1, got)
		}
	}
}

// A machine whose memory is faulty stops, says so, and has committed nothing.
func TestFaultyTrainerStops(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.MinTrainers = 1
	s, keep := newSwarm(t, f), tinyrun.Snapshots(t)
	m := s.machine("trainer0", 0)
	m.Tell = func(e status.Placed) {
		if step, ok := e.(*status.Step); ok && step.Step == f.Spec.InnerSteps {
			tinyrun.Spoil(t, keep, f.Job(t, 0))
		}
	}
	s.attesters(1)
	err := trainer.Run(s.ctx, trainer.Config{Config: m.Config, Slots: 1, Snapshots: keep})
	st, _, _ := s.chain.at()
	if !errors.Is(err, slot.ErrFaulty) || st.Find(1).Parts[0].Slots[0].Committed() {
		t.Fatalf("%v; %+v", err, st.Find(1).Parts)
	}
}

// The trainer is killed in the middle of its steps and started again from its folder: the round comes to what it would
// have come to.
func TestTrainerTakesUpItsWork(t *testing.T) {
	f := tinyrun.New(t)
	f.Spec.Rounds = 2
	want := lineage(t, f, "trainer0", "trainer9", "killed")
	s, keep := newSwarm(t, f), tinyrun.Snapshots(t)
	m, at := s.machine("killed", 0), make(chan struct{})
	var once sync.Once
	m.Tell = func(e status.Placed) {
		s.tell(e)
		if step, ok := e.(*status.Step); ok && step.Step == 3 {
			once.Do(func() { close(at) })
		}
	}
	m.client.before = func(ctx context.Context, e protocol.Event) error {
		if _, ok := e.(protocol.CommitWork); ok && m.client.before != nil {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	ms := append(s.attesters(1), s.trainers(2)...)
	m.trains(keep)
	<-at
	m.stop()
	m.client.before = nil
	m.trains(keep)
	if st := s.end(append(ms, m)...); st.Run.Head != want[1] {
		t.Errorf("head %s, want %s", st.Run.Head, want[1])
	}
	steps := said[*status.Step](s, "killed")
	again := 0
	for _, n := range steps {
		if n.Round == 1 && n.Step == 1 {
			again++
		}
	}
	if again != 1 {
		t.Errorf("round 1 was begun %d times", again)
	}
}
