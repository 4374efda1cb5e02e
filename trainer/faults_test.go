package trainer

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/x/round/protocol"
)

// withheld is the lie of a trainer that commits a good body and gives it to nobody.
const withheld = "withheld"

// lies starts a trainer that does its work and then commits something else.
func (m *machine) lies(what string) *machine {
	t := &Trainer{Config: m.Config, Slots: 1, States: openStates(m.s.t), work: m.Model.NewWork(1), sent: map[uint32]time.Time{}}
	if err := m.Host.Join(1, false); err != nil {
		m.s.t.Fatal(err)
	}
	m.start(func(ctx context.Context) error {
		return t.follow(ctx, func(ctx context.Context, s *protocol.State, now time.Time, _ []Worker) (bool, error) {
			if s.Run.Status == protocol.StatusEnded {
				return true, nil
			}
			if err := t.enrol(ctx, s, now); err != nil {
				return false, err
			}
			r := s.Find(s.Run.Current)
			if r == nil || partOf(r, t.Account) == nil {
				return false, nil
			}
			part := partOf(r, t.Account)
			if w := part.Slots[0]; r.Round.Phase == protocol.PhaseTrain && !w.Committed() {
				return false, m.lie(ctx, s, r, t, w.Index, what)
			}
			return false, t.publish(ctx, r, part)
		})
	})
	return m
}

func (m *machine) lie(ctx context.Context, s *protocol.State, r *protocol.RoundState, t *Trainer, slot uint32, what string) error {
	start, err := t.checkpoint(ctx, r.Round.Parent)
	if err != nil {
		return err
	}
	out, err := RunSlot(ctx, t.work, NewJob(&s.Run.Spec, &r.Round, slot, start, t.Train), t.States, t.Store, never, nil)
	if err != nil {
		return err
	}
	c := out.Commit
	if what == withheld {
		err = t.Store.Delete(c.Body)
	} else {
		var body []byte
		body, c = lie(m.s.t, what, out.File)
		_, err = ckpt.PutBytes(t.Store, body)
	}
	if err != nil {
		return err
	}
	return t.Chain.Submit(ctx, 1, protocol.CommitWork{Account: t.Account, Round: r.Round.Number, Slot: slot, Commit: c})
}

// Whoever commits a malformed body, in whatever way, is witnessed bad by every attester and recorded as MALFORMED; who
// gives its body to nobody is UNAVAILABLE; the honest trainer is paid for its work as if it were alone.
func TestBadBodiesAreRecorded(t *testing.T) {
	f := newFixture(t)
	f.spec.Codec, f.spec.Rounds, f.spec.MinAttesters, f.spec.MinTrainers = protocol.CodecF32, 1, 2, uint32(len(lies))+2
	f.spec.PublishTime = 6 * time.Second
	s := newSwarm(t, f)
	ms := s.attesters(2)
	want := map[protocol.Account]protocol.Reason{"trainer0": protocol.ReasonPaid, withheld: protocol.ReasonUnavailable}
	for what := range lies {
		ms = append(ms, s.machine(what, 0).lies(what))
		want[protocol.Account(what)] = protocol.ReasonMalformed
	}
	ms = append(ms, s.machine(withheld, 0).lies(withheld))
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
	if len(r.Round.Included) != 1 || len(r.Round.Result.Contributions) != 1 || st.Run.Skipped != uint64(f.spec.InnerSteps*f.spec.Batch)*uint64(len(want)-1) {
		t.Errorf("included %v, %d records skipped", r.Round.Included, st.Run.Skipped)
	}
	for what := range lies {
		found := false
		for _, n := range s.said("attester0", "problem") {
			found = found || strings.Contains(n.Text, "body of "+what+" is invalid")
		}
		if !found {
			t.Errorf("%s: the attester does not say why", what)
		}
	}
}

// Trainers that cannot do all steps before the deadline commit what they have, and are paid for that.
func TestPartialCredit(t *testing.T) {
	f := newFixture(t)
	f.spec.InnerSteps, f.spec.Segment, f.spec.Rounds = 8000, 50, 1
	f.spec.TrainTime, f.spec.Grace = 6*time.Second, 5*time.Second
	s := newSwarm(t, f)
	st := s.end(append(s.attesters(1), s.trainers(3)...)...)
	r, steps := s.chain.over(1), uint64(0)
	for i, p := range r.Parts {
		c := r.Round.Result.Contributions[i]
		if p.Reason != protocol.ReasonPaidPartial || p.Steps == 0 || p.Steps >= p.Assigned || p.Pay == 0 || c.Steps != uint32(p.Steps) || c.Tokens != p.Tokens {
			t.Errorf("%s: %s for %d of %d steps, pay %d; %+v", p.Trainer, p.Reason, p.Steps, p.Assigned, p.Pay, c)
		}
		steps += p.Steps
	}
	if st.Run.Skipped != (3*8000-steps)*uint64(f.spec.Batch) || st.Run.Escrow.Refunded == 0 {
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
	f := newFixture(t)
	want := f.lineage(t, "trainer0", "trainer9", "twin")
	s, g := newSwarm(t, f), &meeting{here: map[uint64]int{}, opens: map[uint64]chan struct{}{}}
	one := s.machine("twin", 0)
	two := s.with("twin", one.key, false)
	one.client.before, two.client.before = g.pass, g.pass
	ms := append(s.attesters(2), one.trains(openStates(t)), two.trains(openStates(t)))
	st := s.end(append(ms, s.trainers(2)...)...)
	told := 0
	for _, n := range s.said("twin", "problem") {
		if strings.Contains(n.Text, "another machine with this key") {
			told++
		}
	}
	if told != int(f.spec.Rounds) || st.Run.Head != want[len(want)-1] || st.Run.Skipped != 0 {
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
	f := newFixture(t)
	f.spec.MinTrainers = 1
	s, keep := newSwarm(t, f), openStates(t)
	m := s.machine("trainer0", 0)
	m.Tell = func(n Note) {
		if n.Kind == "step" && n.Step == f.spec.InnerSteps {
			spoil(t, keep, f.job(t, 0))
		}
	}
	s.attesters(1)
	err := (&Trainer{Config: m.Config, Slots: 1, States: keep}).Run(s.ctx)
	st, _, _ := s.chain.at()
	if !errors.Is(err, ErrFaulty) || st.Find(1).Parts[0].Slots[0].Committed() {
		t.Fatalf("%v; %+v", err, st.Find(1).Parts)
	}
}

// The trainer is killed in the middle of its steps and started again from its folder: the round comes to what it would
// have come to.
func TestTrainerTakesUpItsWork(t *testing.T) {
	f := newFixture(t)
	f.spec.Rounds = 2
	want := f.lineage(t, "trainer0", "trainer9", "killed")
	s, keep := newSwarm(t, f), openStates(t)
	m, at := s.machine("killed", 0), make(chan struct{})
	var once sync.Once
	m.Tell = func(n Note) {
		s.tell(n)
		if n.Kind == "step" && n.Step == 3 {
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
	steps := s.said("killed", "step")
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
