package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/cmd/weft/home"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/runspec"
	"github.com/weftnet/weft/trainer/status"
	modeltypes "github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

func modelFundCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:     "fund NAME AMOUNT",
		Short:   "Pay into a model's treasury, which only its runs can spend (anyone may)",
		Example: "  weft model fund tiny 30WEFT",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			amount, err := amountArg(args[1])
			if err != nil {
				return err
			}
			s, err := open(c)
			if err != nil {
				return err
			}
			return send(c, s.Client, fmt.Sprintf("Fund %s with %s", args[0], amount),
				&modeltypes.MsgFund{Funder: s.Address(), Model: args[0], Amount: amount})
		},
	})
}

func modelApproveCmd() *cobra.Command {
	var revoke bool
	c := nodeFlag(&cobra.Command{
		Use:   "approve SPEC.yaml | NAME DIGEST",
		Short: "Allow a run with exactly this spec to spend your model's treasury: a vote alone cannot",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			name, d, err := approval(args)
			if err != nil {
				return err
			}
			s, err := open(c)
			if err != nil {
				return err
			}
			what := "Approve the spec " + d.String() + " of " + name
			if revoke {
				what = "Revoke the approval of " + d.String() + " of " + name
			}
			return send(c, s.Client, what, &modeltypes.MsgApproveRun{Owner: s.Address(), Model: name, Spec: d.Text(), Revoke: revoke})
		},
	})
	c.Flags().BoolVar(&revoke, "revoke", false, "take an approval back")
	return c
}

func approval(args []string) (name string, d digest.Digest, err error) {
	if len(args) == 1 {
		s, err := runspec.Read(args[0])
		if err != nil {
			return "", d, err
		}
		return s.Model, s.Digest(), nil
	}
	d, err = digest.Parse(args[1])
	return args[0], d, operror.Hinted("read the digest", args[1], err, "weft model check prints it")
}

// proposalFlags are the flags of a proposal.
type proposalFlags struct{ title, summary, deposit string }

func (f *proposalFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.title, "title", "", "title of the proposal (default: what it does)")
	c.Flags().StringVar(&f.summary, "summary", "", "summary of the proposal (default: what it does)")
	c.Flags().StringVar(&f.deposit, "deposit", "10WEFT", "deposit, which comes back when the proposal is not vetoed")
}

// fill titles a proposal by what it does.
func (f *proposalFlags) fill(s *protocol.RunSpec) {
	what := fmt.Sprintf("Train %s: %d rounds of %d steps for %s", s.Model, s.Rounds, s.InnerSteps, status.WEFT(s.Budget))
	if f.title == "" {
		f.title = what
	}
	if f.summary == "" {
		f.summary = fmt.Sprintf("%s, %s of it from the community pool. Token set %s, evaluation set %s, spec %s.", what,
			status.WEFT(s.Community), s.Tokens, s.Eval, s.Digest())
	}
}

func openRun(s *protocol.RunSpec) *roundtypes.MsgOpenRun {
	return &roundtypes.MsgOpenRun{Authority: authtypes.NewModuleAddress(govtypes.ModuleName).String(), Spec: roundtypes.SpecOf(*s)}
}

// proposalFile tells of a proposal's file.
type proposalFile struct {
	File   string        `json:"file"`
	Spec   string        `json:"spec"`
	Digest digest.Digest `json:"digest"`
}

func (*proposalFile) Kind() string { return "proposal_file" }

func (e *proposalFile) Text() string {
	return fmt.Sprintf("wrote %s\n  spec      %s\n  approve   weft model approve %s\n  submit    weft model propose %s, or weftd tx gov "+
		"submit-proposal %s --from KEY",
		e.File, e.Digest, e.Spec, e.Spec, e.File)
}

func modelProposalCmd() *cobra.Command {
	var f proposalFlags
	var dst string
	c := &cobra.Command{
		Use:   "proposal SPEC.yaml",
		Short: "Write the governance proposal that opens a run as a file, for review and for weftd",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := runspec.Read(args[0])
			if err != nil {
				return err
			}
			f.fill(s)
			deposit, err := amountArg(f.deposit)
			if err != nil {
				return err
			}
			cc, err := home.Offline()
			if err != nil {
				return operror.Wrap("prepare the proposal", "", err)
			}
			msg, err := cc.MarshalInterfaceJSON(openRun(s))
			if err != nil {
				return operror.Wrap("encode the proposal", "", err)
			}
			raw, err := json.MarshalIndent(map[string]any{"messages": []json.RawMessage{msg}, "metadata": "", "deposit": deposit.String(),
				"title":   f.title,
				"summary": f.summary, "expedited": false}, "", "  ")
			if err != nil {
				return operror.Wrap("encode the proposal", "", err)
			}
			if err := os.WriteFile(dst, append(raw, '\n'), 0o644); err != nil {
				return operror.Wrap("write", dst, err)
			}
			p := out.New(c)
			p.Emit(&proposalFile{dst, args[0], s.Digest()})
			return p.Err()
		},
	}
	f.register(c)
	c.Flags().StringVar(&dst, "out", "proposal.json", "file to write")
	return c
}

// proposed tells of a proposal that is on chain.
type proposed struct {
	Proposal uint64 `json:"proposal"`
	Title    string `json:"title"`
	Height   int64  `json:"height"`
}

func (*proposed) Kind() string { return "proposed" }

func (e *proposed) Text() string {
	return fmt.Sprintf("proposal %d, in block %d: %s\n  vote      weft model vote %d yes", e.Proposal, e.Height, e.Title, e.Proposal)
}

func modelProposeCmd() *cobra.Command {
	var f proposalFlags
	c := nodeFlag(&cobra.Command{
		Use:   "propose SPEC.yaml",
		Short: "Submit the governance proposal that opens a run",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			spec, err := runspec.Read(args[0])
			if err != nil {
				return err
			}
			f.fill(spec)
			deposit, err := amountArg(f.deposit)
			if err != nil {
				return err
			}
			s, err := open(c)
			if err != nil {
				return err
			}
			msg, err := govv1.NewMsgSubmitProposal([]sdk.Msg{openRun(spec)}, sdk.NewCoins(deposit), s.Address(), "", f.title, f.summary, false)
			if err != nil {
				return operror.Wrap("make the proposal", "", err)
			}
			r, err := s.Send(c.Context(), msg)
			if err != nil {
				return operror.Wrap("submit the proposal", "", err)
			}
			id, err := chain.ProposalID(r)
			if err != nil {
				return operror.Wrap("read the proposal's number", "", err)
			}
			p := out.New(c)
			p.Emit(&proposed{id, f.title, r.Height})
			return p.Err()
		},
	})
	f.register(c)
	return c
}

var voteOptions = map[string]govv1.VoteOption{"yes": govv1.OptionYes, "no": govv1.OptionNo, "abstain": govv1.OptionAbstain,
	"veto": govv1.OptionNoWithVeto}

func modelVoteCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:   "vote PROPOSAL yes|no|abstain|veto",
		Short: "Vote on a proposal with what this account has staked",
		Args:  cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil || id == 0 {
				return operror.Hinted("find proposal", args[0], errors.New("proposals have numbers from 1"), "weftd query gov proposals lists them")
			}
			option, ok := voteOptions[strings.ToLower(args[1])]
			if !ok {
				return operror.Hinted("vote", args[1], errors.New("it is no option"), "vote yes, no, abstain or veto")
			}
			s, err := open(c)
			if err != nil {
				return err
			}
			voter, err := sdk.AccAddressFromBech32(s.Address())
			if err != nil {
				return operror.Wrap("read the address", s.Address(), err)
			}
			return send(c, s.Client, fmt.Sprintf("Vote %s on proposal %d", strings.ToLower(args[1]), id), govv1.NewMsgVote(voter, id, option, ""))
		},
	})
}
