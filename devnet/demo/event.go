package demo

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/x/round/protocol"
)

// Base tells what is trained, on what and by whom.
type Base struct {
	Base         digest.Digest `json:"base"`
	Parameters   int           `json:"parameters"`
	Numerics     string        `json:"numerics"`
	Kernel       string        `json:"kernel"`
	TrainRecords int           `json:"train_records"`
	EvalRecords  int           `json:"eval_records"`
	TrainSet     digest.Digest `json:"train_set"`
	EvalSet      digest.Digest `json:"eval_set"`
	SequenceLen  uint32        `json:"sequence_len"`
	Cut          int           `json:"cut"` // training records that were cut at sequence_len
	Validators   int           `json:"validators"`
	Trainers     int           `json:"trainers"`
}

// Kind implements status.Event, as do all below.
func (*Base) Kind() string { return "base" }

// Text implements status.Event, as do all below.
func (e *Base) Text() string {
	return fmt.Sprintf("Weft: one whole run on this machine\n\nbase       %.1f million parameters, %s (%s kernel)\n           %s\n"+
		"data       %d records to train on, %d to evaluate on, cut at %d tokens\n"+
		"network    %d validator(s) with an attester each, %d trainers",
		float64(e.Parameters)/1e6, e.Numerics, e.Kernel, e.Base, e.TrainRecords, e.EvalRecords, e.SequenceLen, e.Validators, e.Trainers)
}

// Model tells that the model is on chain.
type Model struct {
	Model      string        `json:"model"`
	Checkpoint digest.Digest `json:"checkpoint"` // the first
}

func (*Model) Kind() string { return "model" }

func (e *Model) Text() string {
	return fmt.Sprintf("model      %s, first checkpoint %s", e.Model, e.Checkpoint)
}

// Opened tells that governance opened the run.
type Opened struct {
	Run            uint64        `json:"run"`
	Proposal       uint64        `json:"proposal"`
	Title          string        `json:"title"`
	Yes            string        `json:"yes"` // stake that voted so, in uweft
	No             string        `json:"no"`
	Spec           digest.Digest `json:"spec"`
	Budget         status.Amount `json:"budget"`
	Rounds         uint32        `json:"rounds"`
	InnerSteps     uint32        `json:"inner_steps"`
	Batch          uint32        `json:"batch"`
	RewardPerRound status.Amount `json:"reward_per_round"`
	SharesPerRound uint64        `json:"shares_per_round,string"`
}

func (*Opened) Kind() string { return "run" }

func (e *Opened) Text() string {
	return fmt.Sprintf("proposal   %d %q: voted yes by %s uweft of stake, carried out\n"+
		"run        %d opened with %s in escrow: %d rounds of %d steps of %d sequences, %s and %d shares a round\n",
		e.Proposal, e.Title, e.Yes, e.Run, e.Budget, e.Rounds, e.InnerSteps, e.Batch, e.RewardPerRound, e.SharesPerRound)
}

// Phase tells that a round entered a phase.
type Phase struct {
	Round          uint64        `json:"round"`
	Phase          string        `json:"phase"`
	Checkpoint     digest.Digest `json:"checkpoint,omitzero"` // REVIEW: what the round folded to
	Included       int           `json:"included,omitempty"`  // slots
	Slots          uint32        `json:"slots,omitempty"`
	Tokens         uint64        `json:"tokens,omitempty"` // answer tokens that were trained on
	AssignedTokens uint64        `json:"assigned_tokens,omitempty"`
	Reason         string        `json:"reason,omitempty"` // VOID
}

func (*Phase) Kind() string { return "phase" }

func (e *Phase) Text() string {
	switch e.Phase {
	case protocol.PhaseReview.String():
		return fmt.Sprintf("round %-3d  FINAL    checkpoint %s: %d of %d slots included, %d of %d answer tokens",
			e.Round, e.Checkpoint, e.Included, e.Slots, e.Tokens, e.AssignedTokens)
	case protocol.PhaseVoid.String():
		return fmt.Sprintf("round %-3d  VOID     %s", e.Round, e.Reason)
	case protocol.PhaseDispute.String():
		return fmt.Sprintf("round %-3d  DISPUTE  everybody else is settled", e.Round)
	case protocol.PhaseSettled.String(): // shown with the payments
		return ""
	}
	return fmt.Sprintf("round %-3d  %s", e.Round, e.Phase)
}

// Evaluation tells that the attesters agreed on a checkpoint's loss.
type Evaluation struct {
	Round      uint64        `json:"round"`
	Loss       float64       `json:"loss"` // nats per answer token
	MicroNats  uint64        `json:"micro_nats"`
	Tokens     uint64        `json:"tokens"`
	Checkpoint digest.Digest `json:"checkpoint"`
}

func (*Evaluation) Kind() string { return "evaluation" }

func (e *Evaluation) Text() string {
	return fmt.Sprintf("round %-3d  EVALUATED on chain: %s, over %d tokens", e.Round, status.Nats(e.MicroNats), e.Tokens)
}

// Audit tells what an auditor found.
type Audit struct {
	Round   uint64           `json:"round"`
	Trainer protocol.Account `json:"trainer"`
	Slot    uint32           `json:"slot"`
	Segment uint32           `json:"segment"`
	Auditor protocol.Account `json:"auditor"`
	Verdict string           `json:"verdict"`

	trainer, auditor string // their names
}

func (*Audit) Kind() string { return "audit" }

func (e *Audit) Text() string {
	return fmt.Sprintf("           round %d  segment %d of %s recomputed by %s: %s", e.Round, e.Segment, e.trainer, e.auditor, e.Verdict)
}

// Part tells what a trainer earned in a round, and why.
type Part struct {
	Round    uint64           `json:"round"`
	Trainer  protocol.Account `json:"trainer"`
	Reason   string           `json:"reason"`
	Tokens   uint64           `json:"tokens"`
	Steps    uint64           `json:"steps"`
	Assigned uint64           `json:"assigned"` // steps
	Pay      status.Amount    `json:"pay"`
	Shares   uint64           `json:"shares,string"`

	trainer string
}

func (*Part) Kind() string { return "part" }

func (e *Part) Text() string {
	return fmt.Sprintf("           round %d  %s %s: %d of %d steps, %s, %d shares", e.Round, e.trainer, e.Reason, e.Steps, e.Assigned, e.Pay,
		e.Shares)
}

// Settled tells that a round is paid.
type Settled struct {
	Round  uint64        `json:"round"`
	Phase  string        `json:"phase"`
	Paid   status.Amount `json:"paid"`
	Shares uint64        `json:"shares,string"`
}

func (*Settled) Kind() string { return "settled" }

func (e *Settled) Text() string {
	return fmt.Sprintf("round %-3d  %s  %s paid, %d shares minted", e.Round, e.Phase, e.Paid, e.Shares)
}

// Ended tells that the run is over.
type Ended struct {
	Run    uint64 `json:"run"`
	Reason string `json:"reason"`
}

func (*Ended) Kind() string { return "ended" }

func (e *Ended) Text() string { return fmt.Sprintf("run        %d ended: %s", e.Run, e.Reason) }

// Heading begins a part of the report.
type Heading struct {
	Title string `json:"title"`
}

func (*Heading) Kind() string { return "heading" }

func (e *Heading) Text() string { return "\n" + e.Title }

// Checkpoint is a checkpoint of a lineage on chain.
type Checkpoint struct {
	Digest    digest.Digest  `json:"digest"`
	Parent    *digest.Digest `json:"parent"` // null: the first
	Run       uint64         `json:"run"`    // 0: the first
	Round     uint64         `json:"round"`
	Height    uint64         `json:"height"`
	Size      uint64         `json:"size"` // bytes of its files
	Loss      *float64       `json:"loss"` // nats per answer token; null: not evaluated
	TaintedBy *digest.Digest `json:"tainted_by"`
	Best      bool           `json:"best"`
}

// CheckpointOf describes a checkpoint; best is the model's best one.
func CheckpointOf(c chain.Checkpoint, best digest.Digest) *Checkpoint {
	e := &Checkpoint{Digest: c.Digest, Run: c.Run, Round: c.Round, Height: c.Height, Size: c.Size, Best: c.Digest == best}
	if !c.Parent.IsZero() {
		e.Parent = &c.Parent
	}
	if !c.TaintedBy.IsZero() {
		e.TaintedBy = &c.TaintedBy
	}
	if c.Eval != nil {
		loss := float64(c.Eval.MicroNats) / 1e6
		e.Loss = &loss
	}
	return e
}

func (*Checkpoint) Kind() string { return "checkpoint" }

func (e *Checkpoint) Text() string {
	where, loss := "first             ", "not evaluated"
	if e.Run != 0 {
		where = fmt.Sprintf("run %-3d round %-4d", e.Run, e.Round)
	}
	if e.Loss != nil {
		loss = fmt.Sprintf("%.4f", *e.Loss)
	}
	if e.Best {
		loss += "  best"
	}
	if e.TaintedBy != nil {
		loss += "  TAINTED by " + e.TaintedBy.String()
	}
	return fmt.Sprintf("  %s  %s  loss %s", where, e.Digest, loss)
}

// Paid tells what an account earned, and its shares.
type Paid struct {
	Account string        `json:"account"`
	Name    string        `json:"name"`
	Amount  status.Amount `json:"amount"`
	Shares  string        `json:"shares"`
	Supply  string        `json:"supply"` // of shares
}

func (*Paid) Kind() string { return "paid" }

func (e *Paid) Text() string {
	return fmt.Sprintf("  %-11s %s paid, %s of %s shares", e.Name, e.Amount, e.Shares, e.Supply)
}

// Deposit tells that revenue was paid in.
type Deposit struct {
	Amount        status.Amount `json:"amount"`
	StreamSeconds float64       `json:"stream_seconds"`
}

func (*Deposit) Kind() string { return "deposit" }

func (e *Deposit) Text() string {
	return fmt.Sprintf("\nRevenue of %s is paid in and streams to the holders over %s (a day on a real chain); then they claim their part",
		e.Amount, time.Duration(e.StreamSeconds*float64(time.Second)))
}

// Claim tells what a holder claimed of the revenue.
type Claim struct {
	Account string        `json:"account"`
	Name    string        `json:"name"`
	Amount  status.Amount `json:"amount"`
}

func (*Claim) Kind() string { return "claim" }

func (e *Claim) Text() string { return fmt.Sprintf("  %-11s %s", e.Name, e.Amount) }

// Claims tells what all holders claimed together.
type Claims struct {
	Total status.Amount `json:"total"`
	Left  status.Amount `json:"left"` // of the deposit
}

func (*Claims) Kind() string { return "claims" }

func (e *Claims) Text() string {
	return fmt.Sprintf("  together    %s, %d uweft stay in the pool as rounding", e.Total, uint64(e.Left))
}

// Books tells that no coin is missing.
type Books struct {
	Heights int64 `json:"heights"`
}

func (*Books) Kind() string { return "books" }

func (e *Books) Text() string {
	return fmt.Sprintf("  books       balanced after each of %d blocks: every module account holds exactly what is owed out of it", e.Heights)
}

// Generation is a question with the answers before and after the run.
type Generation struct {
	Question  string `json:"question"`
	Before    string `json:"before"`
	After     string `json:"after"`
	Reference string `json:"reference"`
}

func (*Generation) Kind() string { return "generation" }

func (e *Generation) Text() string {
	return fmt.Sprintf("  question   %s\n  before     %s\n  after      %s\n  reference  %s\n", indent(e.Question), indent(e.Before),
		indent(e.After), indent(e.Reference))
}

func indent(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n           ") }

// Written tells where the result is.
type Written struct {
	Adapter    string        `json:"adapter"`
	Lineage    string        `json:"lineage"`
	Checkpoint digest.Digest `json:"checkpoint"` // the adapter's: the best one
}

func (*Written) Kind() string { return "export" }

func (e *Written) Text() string {
	return fmt.Sprintf("Written\n  %s   opens in PEFT\n  %s   every checkpoint and delta", e.Adapter, e.Lineage)
}

// Done tells that the demo is over.
type Done struct {
	Seconds float64 `json:"seconds"`
	Lineage string  `json:"lineage"`
}

func (*Done) Kind() string { return "done" }

func (e *Done) Text() string {
	return fmt.Sprintf("\nDone in %.0f s. Try: weft verify %s", e.Seconds, e.Lineage)
}

// told is a worker's event as the demo shows it: machines read the event itself, people its text under the worker's name.
type told struct {
	status.Placed
	text string
}

func (t *told) Text() string { return t.text }

// MarshalJSON writes the event alone.
func (t *told) MarshalJSON() ([]byte, error) { return json.Marshal(t.Placed) }
