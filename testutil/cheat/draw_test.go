package cheat_test

import (
	"crypto/sha256"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/weftnet/weft/x/round/protocol"
)

// world is a chain without modules. Its block hash is what a proposer may try to choose.
type world struct{ hash protocol.Digest }

func (world) Standing(protocol.Account) (bool, time.Time, error) { return true, time.Time{}, nil }
func (world) Weight(protocol.Account) (uint64, error)            { return 10, nil }
func (world) Model() (protocol.ModelInfo, error) {
	return protocol.ModelInfo{Name: "m", Owner: "owner", SharesLeft: 1 << 40}, nil
}
func (world) Terms() (protocol.Terms, error) {
	return protocol.Terms{EvidenceWindow: time.Hour, Deposit: 1, Fine: 1000}, nil
}
func (w world) BlockHash() protocol.Digest { return w.hash }

func named(name string) protocol.Digest { return sha256.Sum256([]byte(name)) }

// spec is a run of one trainer whose slots have 8 segments.
func spec(audits uint32) protocol.RunSpec {
	return protocol.RunSpec{
		Model: "m", Tokens: named("tokens"), SeqLen: 64, InnerSteps: 16, Segment: 2, Batch: 2,
		Inner: protocol.AdamW{LR: 1_000_000, Beta1: 900_000_000, Beta2: 999_000_000, Eps: 10, Clip: protocol.Nano, Schedule: protocol.ScheduleConstant},
		Outer: protocol.Outer{LR: protocol.Nano}, Loss: protocol.LossSFT, Numerics: protocol.NumericsBF16, Codec: protocol.CodecQ4,
		TrainTime: time.Hour, PublishTime: time.Hour, AttestTime: time.Hour, ReviewTime: time.Hour, Grace: time.Minute, MaxWait: time.Hour,
		MinTrainers: 1, MaxTrainers: 1, MaxSlots: 1, MinSteps: 1, Audits: audits, MinAttesters: 1, MaxMisses: 1, MaxUnsettled: 1,
		BondPerSlot: 10, Rounds: 1, Budget: 1000, RewardPerRound: 1000, SharesPerRound: 100, Split: protocol.Split{Trainers: 8000, Attesters: 2000},
	}
}

// play brings a round to REVIEW. salts are the attesters' (empty: it commits to none), of which some do not vote; began is
// the hash of the block in which ATTEST begins, final that of the block in which the round becomes FINAL.
func play(t *testing.T, audits uint32, salts []string, absent map[int]bool, began, final protocol.Digest) *protocol.RoundState {
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
	block := func(hash protocol.Digest) {
		if _, err := s.Advance(now, world{hash}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
	}
	attester := func(i int) protocol.Account { return protocol.Account(fmt.Sprint("v", i)) }
	apply(protocol.Enrol{Account: "liar", Slots: 1})
	for i := range salts {
		apply(protocol.Ready{Account: attester(i)})
	}
	block(named("train"))
	apply(protocol.CommitWork{Account: "liar", Round: 1, Commit: protocol.Commit{Body: named("body"), Trace: named("trace"), Steps: 16, Size: 1}})
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
	if r == nil || r.Round.Phase != protocol.PhaseReview {
		t.Fatalf("the round is not in REVIEW: %+v", r)
	}
	return r
}

// TestForgeryFrequency: over 200 rounds one forged segment of eight is drawn as often as the formula says, for each
// segment that may be the forged one and for each number of audits, within four standard deviations.
func TestForgeryFrequency(t *testing.T) {
	const rounds, segments = 200, 8
	for _, audits := range []uint32{1, 2, 4} {
		drawn := [segments]int{}
		for i := range rounds {
			r := play(t, audits, []string{fmt.Sprint("x", audits, i), "y", "z"}, nil, named(fmt.Sprint("block", i)), named("final"))
			for _, a := range r.Parts[0].Slots[0].Audits {
				drawn[a.Segment]++
			}
		}
		q := float64(audits) / segments // draws without replacement
		formula := float64(spec(audits).Deter(protocol.Assumptions{Honest: protocol.BasisPoints})[0].Caught) / 1e6
		if formula > q || audits == 1 && math.Abs(formula-q) > 1e-6 {
			t.Errorf("%d audits: the formula promises %f, the draw gives %f", audits, formula, q)
		}
		for at, n := range drawn {
			if d := math.Abs(float64(n) - rounds*q); d > 4*math.Sqrt(rounds*q*(1-q)) {
				t.Errorf("%d audits: segment %d was drawn %d times of %d, expected %.0f", audits, at, n, rounds, rounds*q)
			}
		}
	}
}

// TestProposerDoesNotChooseAudits: the block that makes the round FINAL, whose proposer sees all salts, has no part in the
// draw; the block in which ATTEST began, whose proposer sees none, has. A salt that was committed to counts only if it is
// opened with a vote, and no vote counts without it, so that nobody can choose between two draws and be paid.
func TestProposerDoesNotChooseAudits(t *testing.T) {
	salts := []string{"x", "y", "z"}
	draw := func(salts []string, began, final string) protocol.Digest {
		return play(t, 1, salts, nil, named(began), named(final)).Round.AuditSeed
	}
	base := draw(salts, "a", "b")
	for _, final := range []string{"c", "d", "e"} {
		if draw(salts, "a", final) != base {
			t.Errorf("the proposer of FINAL chose the audits")
		}
	}
	if draw(salts, "c", "b") == base {
		t.Error("the block in which ATTEST began has no part")
	}
	if draw([]string{"x", "other", "z"}, "a", "b") == base || draw([]string{"x", "", "z"}, "a", "b") == base {
		t.Error("a salt has no part")
	}
}

// TestWithholdingBuysNothing: three colluders of twelve vote last and know every salt. If all of them vote, the draw is what
// it is. Whoever does not opens no other draw of segments: all are audited, by those who voted.
func TestWithholdingBuysNothing(t *testing.T) {
	const rounds, segments, colluders = 50, 8, 3
	for i := range rounds {
		salts := make([]string, 12)
		for j := range salts {
			salts[j] = fmt.Sprint("salt", i, j)
		}
		for subset := range 1 << colluders {
			absent := map[int]bool{}
			for c := range colluders {
				if subset>>c&1 == 1 {
					absent[len(salts)-1-c] = true
				}
			}
			r := play(t, 1, salts, absent, named("began"), named("final"))
			audits, seen := r.Parts[0].Slots[0].Audits, map[uint32]bool{}
			for _, a := range audits {
				seen[a.Segment] = true
				for j := range absent {
					if a.Auditor == protocol.Account(fmt.Sprint("v", j)) {
						t.Fatalf("round %d: %s did not vote and audits", i, a.Auditor)
					}
				}
			}
			want := segments
			if subset == 0 {
				want = 1
			}
			if len(audits) != want || len(seen) != want || r.Thorough() != (subset != 0) {
				t.Fatalf("round %d: %d colluders withhold, %d audits of %d segments", i, len(absent), len(audits), len(seen))
			}
		}
	}
}
