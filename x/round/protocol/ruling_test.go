package protocol

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
)

// TestRulingNeedsTwoThirds disputes a slot before 1 to 7 attesters, once forged and once honest. The first judges recompute
// it, the others give the first one's vote for their own. A ruling stands with two thirds of the weight that was there when
// TRAIN began, one unit less is nothing, and a copied vote is nobody's.
func TestRulingNeedsTwoThirds(t *testing.T) {
	for _, c := range []struct {
		weights []uint64
		judges  int
		want    bool
	}{
		{[]uint64{1}, 1, true},
		{[]uint64{5, 5}, 1, false},
		{[]uint64{2, 1}, 1, true}, // exactly two thirds
		{[]uint64{19, 10}, 1, false},
		{[]uint64{5, 5}, 2, true},
		{[]uint64{10, 10, 10}, 2, true},
		{[]uint64{10, 9, 10}, 2, false}, // 19 of 29
		{[]uint64{10, 10, 10}, 1, false},
		{[]uint64{10, 10, 10, 10}, 3, true},
		{[]uint64{10, 10, 10, 10}, 2, false},
		{[]uint64{15, 5, 5, 5}, 2, true},  // 20 of 30
		{[]uint64{14, 5, 5, 5}, 2, false}, // 19 of 29
		{[]uint64{10, 10, 10, 10, 10, 10, 10}, 5, true},
		{[]uint64{10, 10, 10, 10, 10, 10, 10}, 4, false},
		{[]uint64{8, 8, 8, 8, 8, 10, 10}, 5, true},  // 40 of 60
		{[]uint64{8, 8, 8, 8, 7, 10, 10}, 5, false}, // 39 of 59
	} {
		for _, forged := range []bool{true, false} {
			t.Run(fmt.Sprintf("%v/%d/%t", c.weights, c.judges, forged), func(t *testing.T) {
				s := disputed(t, c.weights, forged)
				s.no(t, ErrEarly, "conclude v0 round=1 slot=0")
				for i := range c.weights {
					s.do(t, fmt.Sprintf("judge v%d round=1 slot=0%s", i, copied(i >= c.judges)))
					// What is bonded or unbonded meanwhile does not count.
					s.world.weights[voter(i)] = uint64(1000 * i)
				}
				s.do(t, "advance 1s")
				want, reason, deposit := DisputeLapsed, ReasonPaid, map[Account]bool{"x": true}
				if c.want {
					s.do(t, "conclude v0 round=1 slot=0")
				} else {
					s.no(t, ErrNoQuorum, "conclude v0 round=1 slot=0")
					s.now = s.now.Add(time.Hour)
				}
				switch {
				case c.want && forged:
					want, reason = DisputeFraud, ReasonFraud
				case c.want:
					want, deposit = DisputeRefuted, map[Account]bool{"t1": true}
					for i := range c.judges {
						deposit[voter(i)] = true
					}
				}
				s.now = s.now.Add(time.Second)
				steps, err := s.Advance(s.now, &s.world)
				s.record(steps, err)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range steps {
					switch e := e.(type) {
					case PayDeposit:
						if !deposit[e.Account] || e.Amount == 0 {
							t.Errorf("%s", e)
						}
						delete(deposit, e.Account)
					case Slash:
						if want != DisputeFraud || e.Account != "t1" || e.Finder != "x" {
							t.Errorf("%s", e)
						}
					}
				}
				if len(deposit) > 0 {
					t.Errorf("nothing of the deposit went to %v", deposit)
				}
				if d := s.Find(1).Disputes[0]; d.Outcome != want {
					t.Errorf("%s, want %s", d.Outcome, want)
				}
				s.do(t, "advance 1h") // audits that nobody answered go to somebody else, once
				s.do(t, "advance 1h")
				got := s.Find(1).part("t1").Reason
				if got == ReasonPaidUnaudited {
					got = ReasonPaid
				}
				if got != reason {
					t.Errorf("t1: %s, want %s", got, reason)
				}
			})
		}
	}
}

func voter(i int) Account { return Account(fmt.Sprintf("v%d", i)) }

// copied says whose vote a judge gives: its own, or v0's.
func copied(other bool) string {
	if other {
		return " by=v0"
	}
	return ""
}

// disputed is a round in REVIEW whose slot 0 x disputes.
func disputed(t *testing.T, weights []uint64, forged bool) *script {
	t.Helper()
	s := &script{}
	s.do(t, "open manual=1 audits=16")
	s.do(t, "enrol t1")
	s.do(t, "enrol t2")
	all := func(verb string) {
		for i, w := range weights {
			s.world.weights[voter(i)] = w
			s.do(t, fmt.Sprintf(verb, i))
		}
		s.do(t, "advance 1s")
	}
	all("ready v%d")
	forge := ""
	if forged {
		forge = " forge=0"
	}
	s.do(t, "commit t1 round=1 slot=0"+forge)
	s.do(t, "commit t2 round=1 slot=1")
	s.do(t, "advance 1s")
	all("witness v%d round=1 ok=0,1")
	all("attest v%d round=1")
	s.do(t, "reveal v0 round=1")
	s.do(t, "advance 1s")
	s.do(t, "dispute x round=1 slot=0")
	return s
}

// do plays a line that has to succeed.
func (s *script) do(t *testing.T, line string) {
	t.Helper()
	for _, text := range s.play(strings.Fields(line)) {
		if strings.HasPrefix(text, "refused") {
			t.Fatalf("%s: %s", line, text)
		}
	}
	if err := s.checkMoney(); err != nil {
		t.Fatal(err)
	}
}

// no plays a line that has to be refused, and changes nothing.
func (s *script) no(t *testing.T, want error, line string) {
	t.Helper()
	f := strings.Fields(line)
	if _, err := s.Apply(s.now.Add(time.Millisecond), &s.world, s.event(f[0], parseArgs(f[1:]))); !errors.Is(err, want) {
		t.Fatalf("%s: %v", line, err)
	}
}

// TestWhenARulingComesMovesNobodysMoney decides a dispute before the others are settled, and after it: everybody is
// paid the same, to the unit.
func TestWhenARulingComesMovesNobodysMoney(t *testing.T) {
	for _, forged := range []bool{true, false} {
		var want map[Account][2]uint64
		for _, early := range []bool{true, false} {
			s := disputed(t, []uint64{10, 10, 10}, forged)
			ruling := []string{"judge v0 round=1 slot=0", "judge v1 round=1 slot=0", "judge v2 round=1 slot=0", "advance 1s",
				"conclude v0 round=1 slot=0", "advance 1s"}
			audits := []string{"audit v0 round=1", "audit v1 round=1", "audit v2 round=1", "advance 1s"}
			if early {
				audits, ruling = ruling, audits
			}
			got := map[Account][2]uint64{}
			for i, line := range append(audits, ruling...) {
				for _, e := range s.steps(t, line) {
					if p, ok := e.(Pay); ok {
						sum := got[p.Account]
						got[p.Account] = [2]uint64{sum[0] + p.Amount, sum[1] + p.Shares}
					}
				}
				if held := s.Find(1).part("t1").Held; i == len(audits)-1 && held == early {
					t.Errorf("forged %t, ruled first %t: held %t when the first half is over", forged, early, held)
				}
			}
			if r := s.Find(1); r.Round.Phase != PhaseSettled || r.Round.Reserved != 0 {
				t.Fatalf("round 1 is %s and has %d uweft reserved", r.Round.Phase, r.Round.Reserved)
			}
			if want == nil {
				want = got
			}
			if !maps.Equal(got, want) || len(got) < 5 || forged == (got["t1"][0] > 0) {
				t.Errorf("forged %t: decided after the others were settled it pays %v, before %v", forged, got, want)
			}
		}
	}
}

// effects plays a line that has to succeed, and returns what it does.
func (s *script) steps(t *testing.T, line string) []Step {
	t.Helper()
	var out []Step
	var err error
	f := strings.Fields(line)
	a := parseArgs(f[1:])
	switch {
	case f[0] == "advance":
		s.now = s.now.Add(a.span())
		out, err = s.Advance(s.now, &s.world)
	case f[0] == "audit" && len(s.findings(a.num("round", 0), a)) == 0: // it was given none
	default:
		out, err = s.Apply(s.now, &s.world, s.event(f[0], a))
	}
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return out
}
