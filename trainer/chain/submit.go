package chain

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

// Submit implements worker.Chain.
func (c *Client) Submit(ctx context.Context, run uint64, events ...protocol.Event) error {
	msgs := make([]sdk.Msg, len(events))
	for i, e := range events {
		m, err := message(run, e)
		if err != nil {
			return err
		}
		msgs[i] = m
	}
	_, err := c.Send(ctx, msgs...)
	var t *TxError
	if errors.As(err, &t) && t.Funds() {
		return &worker.ErrFunds{Account: c.Address(), Err: err}
	}
	return err
}

// message is the transaction message of an event.
func message(run uint64, e protocol.Event) (sdk.Msg, error) {
	switch e := e.(type) {
	case protocol.Enrol:
		return &roundtypes.MsgEnrol{Trainer: string(e.Account), Run: run, Slots: e.Slots}, nil
	case protocol.Leave:
		return &roundtypes.MsgLeave{Account: string(e.Account), Run: run}, nil
	case protocol.Ready:
		return &roundtypes.MsgReady{Attester: string(e.Account), Run: run}, nil
	case protocol.CommitWork:
		return &roundtypes.MsgCommit{Trainer: string(e.Account), Run: run, Round: e.Round, Slot: e.Slot,
			Commit: roundtypes.CommitOf(e.Commit)}, nil
	case protocol.Witness:
		return &roundtypes.MsgWitness{Attester: string(e.Account), Run: run, Round: e.Round, Ok: e.Ok, Bad: e.Bad, SaltCommit: e.Salt.Text()}, nil
	case protocol.Attest:
		return &roundtypes.MsgAttest{Attester: string(e.Account), Run: run, Round: e.Round, Blind: e.Blind.Text(), Salt: e.Salt.Text()}, nil
	case protocol.Reveal:
		return &roundtypes.MsgReveal{Attester: string(e.Account), Run: run, Round: e.Round, Outcome: roundtypes.OutcomeOf(e.Outcome)}, nil
	case protocol.Review:
		return &roundtypes.MsgReview{Attester: string(e.Account), Run: run, Round: e.Round, Blind: e.Blind.Text(),
			Findings: roundtypes.FindingsOf(e.Findings)}, nil
	case protocol.DisputeWork:
		return &roundtypes.MsgDispute{Accuser: string(e.Account), Run: run, Round: e.Round, Trainer: string(e.Trainer), Slot: e.Slot}, nil
	case protocol.Judge:
		return &roundtypes.MsgJudge{Attester: string(e.Account), Run: run, Round: e.Round, Slot: e.Slot, Blind: e.Blind.Text()}, nil
	case protocol.Conclude:
		return &roundtypes.MsgConclude{Attester: string(e.Account), Run: run, Round: e.Round, Slot: e.Slot,
			Ruling: roundtypes.RulingOf(e.Ruling), Committed: e.Committed.Text(), Path: roundtypes.Digests(e.Path)}, nil
	case protocol.Report:
		return &roundtypes.MsgReport{Attester: string(e.Account), Run: run, Round: e.Round, MicroNats: e.MicroNats, Tokens: e.Tokens}, nil
	}
	return nil, fmt.Errorf("event %T is not a worker's", e)
}
