package cheat_test

import (
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

// world is a chain without modules. Its block hash is what a proposer may try to choose.
type world struct{ hash digest.Digest }

func (world) Standing(protocol.Account) (bool, time.Time, error) { return true, time.Time{}, nil }
func (world) Weight(protocol.Account) (uint64, error)            { return 10, nil }
func (world) Model() (protocol.ModelInfo, error) {
	return protocol.ModelInfo{Name: "m", Owner: "owner", SharesLeft: 1 << 40}, nil
}
func (world) Terms() (protocol.Terms, error) {
	return protocol.Terms{EvidenceWindow: time.Hour, Deposit: 1, Fine: 1000}, nil
}
func (w world) BlockHash() digest.Digest { return w.hash }

func named(name string) digest.Digest { return sha256.Sum256([]byte(name)) }

// spec is a run of one trainer whose slots have 8 segments.
func spec(audits uint32) protocol.RunSpec {
	return protocol.RunSpec{
		Model: "m", Tokens: named("tokens"), SeqLen: 64, InnerSteps: 16, Segment: 2, Batch: 2,
		Inner: protocol.AdamW{LR: 1_000_000, Beta1: 900_000_000, Beta2: 999_000_000, Eps: 10, Clip: protocol.Nano,
			Schedule: protocol.ScheduleConstant},
		Outer: protocol.Outer{LR: protocol.Nano}, Loss: protocol.LossSFT, Numerics: protocol.NumericsBF16, Codec: protocol.CodecQ4,
		TrainTime: time.Hour, PublishTime: time.Hour, AttestTime: time.Hour, ReviewTime: time.Hour, Grace: time.Minute, MaxWait: time.Hour,
		MinTrainers: 1, MaxTrainers: 1, MaxSlots: 1, MinSteps: 1, Audits: audits, MinAttesters: 1, MaxMisses: 1, MaxUnsettled: 1,
		BondPerSlot: 10, Rounds: 1, Budget: 1000, RewardPerRound: 1000, SharesPerRound: 100, Split: protocol.Split{Trainers: 8000,
			Attesters: 2000},
	}
}

func attester(i int) protocol.Account { return protocol.Account(fmt.Sprint("v", i)) }

// play brings a round to REVIEW. salts are the attesters' (empty: it commits to none), of which some do not vote; began is
// the hash of the block in which ATTEST begins, final that of the block in which the round becomes FINAL.
func play(t *testing.T, audits uint32, salts []string, absent map[int]bool, began, final digest.Digest) *protocol.RoundState {
	t.Helper()
	now := time.Unix(1_800_000_000, 0)
	s, _, err := protocol.Open(1, spec(audits), named("start"), now)
	if err != nil {
		t.Fatal(err)
	}
	apply := func(e protocol.Event) {
		if _, err := s.Apply(now, world{}, e); err != nil {
			t.Fatalf("%T: %v", e, err)
		}
	}
	block := func(hash digest.Digest) {
		if _, err := s.Advance(now, world{hash}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
	}
	apply(protocol.Enrol{Account: "liar", Slots: 1})
	for i := range salts {
		apply(protocol.Ready{Account: attester(i)})
	}
	block(named("train"))
	apply(protocol.CommitWork{Account: "liar", Round: 1, Commit: protocol.Commit{Body: named("body"), Trace: named("trace"), Steps: 16,
		Size: 1}})
	block(named("publish"))
	for i, salt := range salts {
		w := protocol.Witness{Account: attester(i), Round: 1, Ok: []uint32{0}}
		if salt != "" {
			w.Salt = protocol.SaltCommitment(attester(i), 1, 1, named(salt))
		}
		apply(w)
	}
	block(began)
	out := protocol.Outcome{Checkpoint: named("checkpoint"), Size: 1, AssignedTokens: 16, Contributions: []protocol.Contribution{
		{Trainer: "liar", Delta: named("body"), Steps: 16, Tokens: 16},
	}}
	for i, salt := range salts {
		if absent[i] {
			continue
		}
		a := protocol.Attest{Account: attester(i), Round: 1, Blind: protocol.Blind(attester(i), 1, 1, out.Checkpoint, out.Root())}
		if salt != "" {
			a.Salt = named(salt)
		}
		apply(a)
	}
	block(named("voted"))
	now = now.Add(time.Minute) // grace
	apply(protocol.Reveal{Account: attester(0), Round: 1, Outcome: out})
	block(final)
	r := s.Find(1)
	if r == nil || r.Round.Phase != protocol.PhaseReview && r.Round.Phase != protocol.PhaseSettled { // without an audit it is over
		t.Fatalf("the round is not FINAL: %+v", r)
	}
	return r
}

// hit says whether an audit of the slot is of one segment, by any but some attesters.
func hit(r *protocol.RoundState, segment uint32, but map[protocol.Account]bool) bool {
	return slices.ContainsFunc(r.Parts[0].Slots[0].Audits, func(a protocol.Audit) bool { return a.Segment == segment && !but[a.Auditor] })
}

// near fails when a count of rounds is more than four standard deviations from what is expected.
func near(t *testing.T, what string, got, rounds int, q float64) {
	t.Helper()
	n := float64(rounds)
	if d := math.Abs(float64(got) - n*q); d > 4*math.Sqrt(n*q*(1-q)) {
		t.Errorf("%s: %d of %d rounds, expected %.0f", what, got, rounds, n*q)
	}
}

// TestForgeryFrequency: over 200 rounds one forged segment of eight is drawn as often as it should be, for each segment that
// may be the forged one and for each number of audits, within four standard deviations; and no more rarely than the formula
// promises.
func TestForgeryFrequency(t *testing.T) {
	const rounds, segments, attesters = 200, 8, 3
	for _, audits := range []uint32{1, 2, 4} {
		drawn := [segments]int{}
		for i := range rounds {
			r := play(t, audits, []string{fmt.Sprint("x", audits, i), fmt.Sprint("y", i), fmt.Sprint("z", i)}, nil, named(fmt.Sprint("block", i)),
				named("final"))
			for s := range drawn {
				if hit(r, uint32(s), nil) {
					drawn[s]++
				}
			}
		}
		// Each of three equal attesters draws a third of the audits, for itself.
		q := 1 - math.Pow(1-float64(audits)/(segments*attesters), attesters)
		formula := float64(spec(audits).Deter(protocol.Assumptions{Honest: protocol.BasisPoints})[0].Caught) / 1e6
		if formula > q || formula < 0.9*q {
			t.Errorf("%d audits: the formula promises %f, the draw gives %f", audits, formula, q)
		}
		for s, n := range drawn {
			near(t, fmt.Sprintf("%d audits, segment %d", audits, s), n, rounds, q)
		}
	}
}

// TestNobodyChoosesAudits: what an honest attester audits does not depend on the block that makes the round FINAL, whose
// proposer sees all salts, nor on the salts of others. It depends on its own salt, which nobody else knows before the block
// in which ATTEST began, and on that block, which was not there when it committed to the salt.
func TestNobodyChoosesAudits(t *testing.T) {
	of := func(r *protocol.RoundState, j int) (list []protocol.Audit) {
		for _, a := range r.Parts[0].Slots[0].Audits {
			if a.Auditor == attester(j) {
				list = append(list, a)
			}
		}
		return list
	}
	draw := func(salts []string, began, final string) []protocol.Audit {
		return of(play(t, 12, salts, nil, named(began), named(final)), 0) // four of eight segments
	}
	base := draw([]string{"x", "y", "z"}, "a", "b")
	if len(base) != 4 {
		t.Fatalf("%+v", base)
	}
	for i := range 50 {
		other := fmt.Sprint("other", i)
		if !slices.Equal(draw([]string{"x", "y", "z"}, "a", other), base) {
			t.Error("the proposer of FINAL chose the audits")
		}
		if !slices.Equal(draw([]string{"x", other, ""}, "a", "b"), base) {
			t.Error("other attesters chose the audits")
		}
	}
	if slices.Equal(draw([]string{"x", "y", "z"}, "c", "b"), base) {
		t.Error("the block in which ATTEST began has no part")
	}
	if slices.Equal(draw([]string{"other", "y", "z"}, "a", "b"), base) {
		t.Error("its own salt has no part")
	}
}

// TestLastVotersGainNothing: three colluders of twelve vote last, know every salt, and choose which of them vote so that no
// honest attester meets the forged segment. They are caught as often as when they do not choose: an honest attester's audits
// are its own, and those who stay away leave more to it.
func TestLastVotersGainNothing(t *testing.T) {
	const rounds, segments, attesters, colluders = 400, 8, 12, 3
	plain, caught := 0, 0
	for i := range rounds {
		salts := make([]string, attesters)
		for j := range salts {
			salts[j] = fmt.Sprint("salt", i, " ", j)
		}
		but := map[protocol.Account]bool{}
		for c := range colluders {
			but[attester(attesters-1-c)] = true
		}
		always := true
		for subset := range 1 << colluders {
			absent := map[int]bool{}
			for c := range colluders {
				if subset>>c&1 == 1 {
					absent[attesters-1-c] = true
				}
			}
			found := hit(play(t, 2, salts, absent, named(fmt.Sprint("began", i)), named("final")), 0, but)
			if subset == 0 && found {
				plain++
			}
			always = always && found
		}
		if always {
			caught++
		}
	}
	near(t, "all vote", plain, rounds, 1-math.Pow(1-2.0/(segments*attesters), attesters-colluders))
	if caught != plain {
		t.Errorf("caught in %d rounds, and in %d when the colluders choose who votes", plain, caught)
	}
}
