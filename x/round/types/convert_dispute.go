package types

import (
	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
)

func auditsOf(list []protocol.Audit) []Audit {
	var out []Audit
	for _, a := range list {
		out = append(out, Audit{Segment: a.Segment, Auditor: string(a.Auditor), Second: a.Second, Verdict: Verdict(a.Verdict),
			Work: a.Work.Text()})
	}
	return out
}

func audits(list []Audit) ([]protocol.Audit, error) {
	var d decoder
	var out []protocol.Audit
	for _, a := range list {
		out = append(out, protocol.Audit{
			Segment: a.Segment, Auditor: protocol.Account(a.Auditor), Second: a.Second, Verdict: protocol.Verdict(a.Verdict),
			Work: d.digest("work", a.Work),
		})
	}
	return out, d.err
}

// FindingsOf makes the message of verdicts.
func FindingsOf(list []protocol.Finding) []Finding {
	var out []Finding
	for _, f := range list {
		out = append(out, Finding{Trainer: string(f.Trainer), Slot: f.Slot, Segment: f.Segment, Ok: f.OK, Work: f.Work.Text()})
	}
	return out
}

// ParseFindings is the inverse of FindingsOf.
func ParseFindings(list []Finding) ([]protocol.Finding, error) {
	var d decoder
	var out []protocol.Finding
	for _, f := range list {
		out = append(out, protocol.Finding{Trainer: protocol.Account(f.Trainer), Slot: f.Slot, Segment: f.Segment, OK: f.Ok,
			Work: d.digest("work", f.Work)})
	}
	return out, d.err
}

// RulingOf makes the message of a ruling.
func RulingOf(r protocol.Ruling) Ruling {
	return Ruling{Segment: r.Segment, Leaf: r.Leaf.Text(), Snapshots: Digests(r.Snapshots)}
}

// Protocol is the inverse of RulingOf.
func (r Ruling) Protocol() (protocol.Ruling, error) {
	var d decoder
	out := protocol.Ruling{Segment: r.Segment, Leaf: d.digest("leaf", r.Leaf), Snapshots: d.list("snapshots", r.Snapshots)}
	return out, d.err
}

// Digests are the text forms of digests.
func Digests(list []digest.Digest) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Text())
	}
	return out
}

// ParseDigests reads a list of digests; name is the field's.
func ParseDigests(name string, list []string) ([]digest.Digest, error) {
	var d decoder
	out := d.list(name, list)
	return out, d.err
}

func (d *decoder) list(name string, list []string) []digest.Digest {
	var out []digest.Digest
	for _, text := range list {
		out = append(out, d.digest(name, text))
	}
	return out
}

// DisputeOf makes the stored form of a dispute.
func DisputeOf(d *protocol.Dispute) Dispute {
	out := Dispute{
		Run: d.Run, Round: d.Round, Slot: d.Slot, Trainer: string(d.Trainer), Accuser: string(d.Accuser), Audit: d.Audit, Deposit: d.Deposit,
		Opened: d.Opened, Deadline: d.Deadline, Voted: d.Voted, QuorumAt: d.QuorumAt, Ruled: d.Ruled, Ruling: RulingOf(d.Ruling),
		Outcome: DisputeOutcome(d.Outcome),
	}
	for _, v := range d.Votes {
		out.Votes = append(out.Votes, Judgement{Attester: string(v.Attester), Blind: v.Blind.Text(), At: v.At})
	}
	return out
}

// Protocol is the inverse of DisputeOf.
func (d Dispute) Protocol() (protocol.Dispute, error) {
	var dec decoder
	ruling, err := d.Ruling.Protocol()
	if err != nil {
		return protocol.Dispute{}, err
	}
	out := protocol.Dispute{
		Run: d.Run, Round: d.Round, Slot: d.Slot, Trainer: protocol.Account(d.Trainer), Accuser: protocol.Account(d.Accuser), Audit: d.Audit,
		Deposit: d.Deposit,
		Opened:  d.Opened, Deadline: d.Deadline, Voted: d.Voted, QuorumAt: d.QuorumAt, Ruled: d.Ruled, Ruling: ruling,
		Outcome: protocol.DisputeOutcome(d.Outcome),
	}
	for _, v := range d.Votes {
		out.Votes = append(out.Votes, protocol.Judgement{Attester: protocol.Account(v.Attester), Blind: dec.digest("blind", v.Blind), At: v.At})
	}
	return out, dec.err
}
