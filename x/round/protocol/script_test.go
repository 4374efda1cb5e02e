package protocol

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/weftnet/weft/ckpt/digest"
)

// TestScripts plays testdata/*.txt. Each "play" block is a list of commands,
// one a line; the output repeats every command with all its effects, so that a
// script that fails explains itself. Time begins at midnight. Commands:
//
//	open key=value …            a run of the test spec with these changes; auditors answer at once and
//	                            honestly unless manual=1
//	weight v1=10 v2=20 …        bonded tokens of validators (0: unbonded)
//	jail t1 FOR | supply N      change the world
//	enrol t1 [slots=N] | leave X | ready v1
//	commit t1 round=N slot=N [steps=N] [body=NAME] [forge=K]   segment K is forged
//	witness v1 round=N [ok=0,1] [bad=2] [salt=NAME]
//	attest v1 round=N [of=NAME] [salt=NAME] | reveal v1 round=N [of=NAME] [tokens=N]
//	review v1 round=N nats=N | report v1 round=N nats=N
//	audit v1 round=N            honest verdicts of all audits it was given
//	audit v1 round=N slot=N say=ok|bad [work=none]   one verdict, whatever is true
//	dispute x round=N slot=N    accuse the slot's trainer
//	judge v1 round=N slot=N [say=ok|K] [by=v2]   vote; K: segment K differs; by: a copy of v2's vote
//	conclude v1 round=N slot=N [say=ok|K]   open the votes
//	pause | resume | cancel
//	advance FOR                 time passes and the block ends
//	wait FOR                    time passes within the block
//	show                        the run in a few lines
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		s := &script{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd != "play" {
				d.Fatalf(t, "unknown directive %q", d.Cmd)
			}
			var out strings.Builder
			for line := range strings.Lines(d.Input) {
				line = strings.TrimSpace(line)
				fmt.Fprintf(&out, "> %s\n", line)
				for _, text := range s.play(strings.Fields(line)) {
					fmt.Fprintf(&out, "    %s\n", text)
				}
				if s.State != nil {
					if err := s.checkMoney(); err != nil {
						d.Fatalf(t, "after %q: %v", line, err)
					}
				}
			}
			return out.String()
		})
	}
}

// script is a run, a clock and the world around them.
type script struct {
	*State
	world  fakeWorld
	now    time.Time
	manual bool              // auditors answer only when the script says so
	forged map[string]uint32 // by round and slot: the segment that the trainer forged
	credit uint64            // uweft of all Pay steps
	refund uint64
}

var midnight = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func named(name string) digest.Digest { return sha256.Sum256([]byte(name)) }

// testSpec is the spec of the scripts: 4 steps of 2 sequences, 1,000 uweft and
// 100 shares a round.
func testSpec() RunSpec {
	return RunSpec{
		Model: "m", Tokens: named("tokens"), Eval: named("eval"), EvalEvery: 0,
		SeqLen: 64, InnerSteps: 4, Batch: 2,
		Inner: AdamW{LR: 1_000_000, Beta1: 900_000_000, Beta2: 999_000_000, Eps: 10, Clip: Nano, Schedule: ScheduleConstant},
		Outer: Outer{LR: Nano, Momentum: 500_000_000, Nesterov: true},
		Loss:  LossSFT, Numerics: NumericsF32, Codec: CodecF32,
		TrainTime: 100 * time.Second, PublishTime: 30 * time.Second, AttestTime: 40 * time.Second,
		ReviewTime: 50 * time.Second, Grace: 10 * time.Second, MaxWait: 300 * time.Second,
		MinTrainers: 2, MaxTrainers: 3, MaxSlots: 2, MinSteps: 2, Audits: 1, MinAttesters: 1, MaxMisses: 2, MaxUnsettled: 1,
		BondPerSlot: 10, Rounds: 3, Budget: 3000, RewardPerRound: 1000, SharesPerRound: 100,
		Split: Split{Trainers: 7000, Attesters: 2000, Owner: 600, Data: 400}, DataOwner: "data",
	}
}

type fakeWorld struct {
	weights map[Account]uint64
	jailed  map[Account]time.Time
	left    uint64
}

func (w *fakeWorld) Standing(a Account) (bool, time.Time, error) {
	return a != "stranger", w.jailed[a], nil
}
func (w *fakeWorld) Weight(a Account) (uint64, error) { return w.weights[a], nil }
func (w *fakeWorld) Terms() (Terms, error) {
	return Terms{EvidenceWindow: 1000 * time.Second, Deposit: 40, Fine: 2000, Floor: Floor{Trainers: 3, Attesters: 2, Stake: 25}}, nil
}
func (w *fakeWorld) BlockHash() digest.Digest { return named("block") }
func (w *fakeWorld) Model() (ModelInfo, error) {
	return ModelInfo{Name: "m", Owner: "owner", SharesLeft: w.left}, nil
}

// args reads key=value words; positional words are kept in order.
type args struct {
	words []string
	keys  map[string]string
}

func parseArgs(fields []string) args {
	a := args{keys: map[string]string{}}
	for _, f := range fields {
		if key, value, found := strings.Cut(f, "="); found {
			a.keys[key] = value
		} else {
			a.words = append(a.words, f)
		}
	}
	return a
}

func (a args) num(key string, missing uint64) uint64 {
	text, found := a.keys[key]
	if !found {
		return missing
	}
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return v
}

func (a args) list(key string) []uint32 {
	var out []uint32
	for word := range strings.SplitSeq(a.keys[key], ",") {
		if word != "" {
			v, err := strconv.ParseUint(word, 10, 32)
			if err != nil {
				panic(err)
			}
			out = append(out, uint32(v))
		}
	}
	return out
}

func (a args) text(key, missing string) string {
	if v, found := a.keys[key]; found {
		return v
	}
	return missing
}

func (a args) account() Account { return Account(a.words[0]) }

func (a args) span() time.Duration {
	d, err := time.ParseDuration(a.words[len(a.words)-1])
	if err != nil {
		panic(err)
	}
	return d
}

func (s *script) play(fields []string) []string {
	a := parseArgs(fields[1:])
	switch fields[0] {
	case "open":
		return s.open(a)
	case "weight":
		for name := range a.keys {
			s.world.weights[Account(name)] = a.num(name, 0)
		}
		return nil
	case "jail":
		s.world.jailed[a.account()] = s.now.Add(a.span())
		return nil
	case "supply":
		s.world.left = a.num("left", 0)
		return nil
	case "advance":
		s.now = s.now.Add(a.span())
		steps, err := s.Advance(s.now, &s.world)
		return append(append([]string{"at " + clock(s.now)}, s.record(steps, err)...), s.autoAudit()...)
	case "wait":
		s.now = s.now.Add(a.span())
		return nil
	case "show":
		return s.show()
	default:
		return s.record(s.Apply(s.now, &s.world, s.event(fields[0], a)))
	}
}

func (s *script) event(verb string, a args) Event {
	round := a.num("round", 0)
	switch verb {
	case "enrol":
		return Enrol{Account: a.account(), Slots: uint32(a.num("slots", 1))}
	case "leave":
		return Leave{Account: a.account()}
	case "ready":
		return Ready{Account: a.account()}
	case "commit":
		slot := a.num("slot", 0)
		return CommitWork{Account: a.account(), Round: round, Slot: uint32(slot), Commit: Commit{
			Body: named(a.text("body", fmt.Sprint("body", slot))), Trace: s.trace(round, a),
			Steps: uint32(a.num("steps", 4)), Size: 100,
		}}
	case "witness":
		w := Witness{Account: a.account(), Round: round, Ok: a.list("ok"), Bad: a.list("bad")}
		if salt, given := a.keys["salt"]; given {
			w.Salt = SaltCommitment(w.Account, s.Run.ID, round, named(salt))
		}
		return w
	case "attest":
		outcome := s.outcome(round, a)
		var salt digest.Digest
		if name, given := a.keys["salt"]; given {
			salt = named(name)
		}
		return Attest{Account: a.account(), Round: round, Salt: salt,
			Blind: Blind(a.account(), s.Run.ID, round, outcome.Checkpoint, outcome.Root())}
	case "reveal":
		return Reveal{Account: a.account(), Round: round, Outcome: s.outcome(round, a)}
	case "review":
		return Review{Account: a.account(), Round: round, Blind: EvalBlind(a.account(), s.Run.ID, round, s.checkpoint(round), a.num("nats", 0),
			50)}
	case "report":
		return Report{Account: a.account(), Round: round, MicroNats: a.num("nats", 0), Tokens: 50}
	case "audit":
		return Review{Account: a.account(), Round: round, Findings: s.findings(round, a)}
	case "dispute":
		return DisputeWork{Account: a.account(), Round: round, Trainer: s.trainer(round, a), Slot: uint32(a.num("slot", 0))}
	case "judge":
		slot := uint32(a.num("slot", 0))
		voter := Account(a.text("by", string(a.account())))
		return Judge{Account: a.account(), Round: round, Slot: slot, Blind: RulingBlind(voter, s.Run.ID, round, slot,
			s.conclusion(round, a).Ruling)}
	case "conclude":
		return s.conclusion(round, a)
	case "pause":
		return Pause{}
	case "resume":
		return Resume{}
	case "cancel":
		return Cancel{}
	}
	panic("unknown command " + verb)
}

func (s *script) checkpoint(round uint64) digest.Digest {
	if r := s.Find(round); r != nil {
		return r.Round.Result.Checkpoint
	}
	return digest.Digest{}
}

// outcome is what an honest attester computes: 10 tokens a step. With of=NAME
// the checkpoint is another one.
func (s *script) outcome(round uint64, a args) Outcome {
	r := s.Find(round)
	if r == nil {
		return Outcome{}
	}
	o := Outcome{
		Checkpoint: named(a.text("of", fmt.Sprint("checkpoint", round))), Size: 1000,
		AssignedTokens: uint64(r.Round.Slots) * uint64(s.Run.Spec.InnerSteps) * 10,
	}
	for _, slot := range r.Round.Included {
		for i := range r.Parts {
			if w := r.Parts[i].Slot(slot); w != nil {
				o.Contributions = append(o.Contributions, Contribution{
					Trainer: r.Parts[i].Trainer, Slot: slot, Delta: w.Commit.Body,
					Steps: w.Commit.Steps, Tokens: a.num("tokens", uint64(w.Commit.Steps)*10),
				})
			}
		}
	}
	return o
}

func (s *script) record(steps []Step, err error) []string {
	if err != nil {
		return []string{"refused: " + err.Error()}
	}
	lines := make([]string, 0, len(steps))
	for _, e := range steps {
		switch e := e.(type) {
		case Pay:
			s.credit += e.Amount
		case Refund:
			s.refund += e.Treasury + e.Community
		}
		lines = append(lines, e.String())
	}
	return lines
}
