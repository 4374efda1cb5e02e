package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/disk"
	"github.com/weftnet/weft/cmd/weft/home"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/data"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/runspec"
	"github.com/weftnet/weft/trainer/status"
	modeltypes "github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
)

func modelCmd() *cobra.Command {
	return group(&cobra.Command{Use: "model", Short: "Models: create one, write and check a run's spec, fund it, propose it, vote"},
		modelNewCmd(), modelSpecCmd(), modelCheckCmd(), modelFundCmd(), modelApproveCmd(), modelProposalCmd(), modelProposeCmd(), modelVoteCmd())
}

// modelMade tells of a model that was registered.
type modelMade struct {
	Model      string        `json:"model"`
	Base       digest.Digest `json:"base"`
	Checkpoint digest.Digest `json:"checkpoint"` // the first
	Height     int64         `json:"height"`
}

func (*modelMade) Kind() string { return "model" }

func (e *modelMade) Text() string {
	return fmt.Sprintf("registered %s in block %d\n  base        %s\n  checkpoint  %s", e.Model, e.Height, e.Base, e.Checkpoint)
}

// modelNewFlags are the flags of weft model new.
type modelNewFlags struct {
	adapterFlags
	base, licence, uri string
	shares             uint64
}

func modelNewCmd() *cobra.Command {
	var f modelNewFlags
	c := nodeFlag(&cobra.Command{
		Use:   "new NAME --base DIR",
		Short: "Register a model on chain with its first checkpoint",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := open(c)
			if err != nil {
				return err
			}
			return newModel(c, s, args[0], &f)
		},
	})
	c.Flags().StringVar(&f.base, "base", "", "folder of the base")
	c.Flags().StringVar(&f.licence, "licence", "Apache-2.0", "SPDX id of the adapter's licence")
	c.Flags().StringVar(&f.uri, "metadata", "", "where more is told about the model")
	c.Flags().Uint64Var(&f.shares, "max-shares", 1_000_000, "shares that may ever be minted")
	f.register(c)
	return required(c, "base")
}

func newModel(c *cobra.Command, s *home.Session, name string, f *modelNewFlags) error {
	b, err := openBase(f.base)
	if err != nil {
		return err
	}
	defer b.Close()
	d, err := b.Digest()
	if err != nil {
		return operror.Wrap("digest", f.base, err)
	}
	tok, err := b.TokenizerDigest()
	if err != nil {
		return operror.Wrap("digest", f.base, err)
	}
	store, err := disk.Open(filepath.Join(s.Dir, "store"))
	if err != nil {
		return operror.Wrap("open the store in", s.Dir, err)
	}
	first, err := checkpoint.Initial(store, name, d, f.spec(), b.Config)
	if err != nil {
		return operror.Hinted("make the first checkpoint of", name, err, "correct --rank, --alpha or --targets")
	}
	r, err := s.Send(c.Context(), &modeltypes.MsgCreateModel{Owner: s.Address(), Name: name, Base: d.Text(), Tokenizer: tok.Text(),
		Adapter: chain.AdapterMsg(first.Manifest.Adapter), Licence: f.licence, MaxShares: f.shares, MetadataUri: f.uri,
		Genesis: first.Digest.Text(), GenesisSize: first.Size()})
	if err != nil {
		return operror.Wrap("register the model", name, err)
	}
	p := out.New(c)
	p.Emit(&modelMade{name, d, first.Digest, r.Height})
	return p.Err()
}

// specFile tells of a spec file that was written.
type specFile struct {
	File string `json:"file"`
}

func (*specFile) Kind() string { return "spec_file" }

func (e *specFile) Text() string {
	return fmt.Sprintf("wrote %s: change what you like, then weft model check %s", e.File, e.File)
}

func modelSpecCmd() *cobra.Command {
	s := runspec.Default()
	var tokens, eval, dst string
	c := &cobra.Command{
		Use:   "spec NAME --data TOKENS --eval TOKENS",
		Short: "Write a run's spec as a file with every key, its meaning and its default",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := fresh(dst, "--out"); err != nil {
				return err
			}
			s.Model = args[0]
			if err := pin(&s, tokens, eval); err != nil {
				return err
			}
			if err := os.WriteFile(dst, runspec.Write(&s), 0o644); err != nil {
				return operror.Wrap("write", dst, err)
			}
			p := out.New(c)
			p.Emit(&specFile{dst})
			return p.Err()
		},
	}
	c.Flags().StringVar(&tokens, "data", "", "token set to train on")
	c.Flags().StringVar(&eval, "eval", "", "token set to evaluate on")
	c.Flags().StringVar(&dst, "out", "spec.yaml", "file to write")
	return required(c, "data", "eval")
}

// pin sets what a spec pins by its digest, from the files.
func pin(s *protocol.RunSpec, tokens, eval string) error {
	train, d, err := data.LoadTokenSet(tokens)
	if err != nil {
		return operror.Hinted("read the token set", tokens, err, "make it with weft data build")
	}
	s.Tokens, s.SeqLen = d, uint32(train.Meta.SeqLen)
	held, d, err := data.LoadTokenSet(eval)
	if err != nil {
		return operror.Hinted("read the token set", eval, err, "make it with weft data build")
	}
	s.Eval = d
	if id, both := data.Overlap(train, held); both {
		return operror.Hinted("write the spec", "", fmt.Errorf("record %s is in both the training and the evaluation set", id),
			"take it out of one of them")
	}
	return nil
}

// specChecked tells of a spec that can be carried out.
type specChecked struct {
	File     string         `json:"file"`
	Digest   digest.Digest  `json:"digest"` // what the owner approves
	Model    string         `json:"model"`
	Steps    uint32         `json:"inner_steps"`
	Batch    uint32         `json:"batch"`
	PerSlot  status.Amount  `json:"per_slot"` // most that a slot earns in a round
	Checked  []string       `json:"checked"`  // against what
	Approved *bool          `json:"approved"` // by the owner; null: not asked
	Treasury *status.Amount `json:"treasury"` // of the model; null: not asked
}

func (*specChecked) Kind() string { return "spec" }

func (e *specChecked) Text() string {
	s := fmt.Sprintf("%s can be carried out\n  digest     %s\n  per slot   %d steps of %d sequences a round, at most %s", e.File, e.Digest,
		e.Steps, e.Batch, e.PerSlot)
	if e.Treasury != nil {
		s += fmt.Sprintf("\n  treasury   %s", *e.Treasury)
	}
	if e.Approved != nil && !*e.Approved {
		s += fmt.Sprintf("\n  approval   missing: weft model approve %s", e.File)
	} else if e.Approved != nil {
		s += "\n  approval   given"
	}
	return s
}

// checkFlags are the flags of weft model check.
type checkFlags struct {
	base    string
	honest  float64
	outside uint64
}

func modelCheckCmd() *cobra.Command {
	var f checkFlags
	c := nodeFlag(&cobra.Command{
		Use:   "check SPEC.yaml",
		Short: "Check a run's spec: every problem at once, and what cheating would be worth",
		Long: "With --base the spec is also checked against the base (its longest position), with --node against the chain (the model, its\n" +
			"treasury, the owner's approval).",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return checkSpec(c, args[0], &f) },
	})
	c.Flags().StringVar(&f.base, "base", "", "folder of the base that the run trains")
	c.Flags().Float64Var(&f.honest, "honest", 66.67, "assumed honest part of the attesters' weight, in percent")
	c.Flags().Uint64Var(&f.outside, "outside", 0,
		"assumed worth of one slot's forged work outside of the run, in uweft (default: what the slot earns)")
	return c
}

func checkSpec(c *cobra.Command, path string, f *checkFlags) error {
	s, err := runspec.Read(path)
	if err != nil {
		return err
	}
	a := s.DefaultAssumptions()
	if !(f.honest > 0 && f.honest <= 100) {
		return operror.Hinted("check", path, fmt.Errorf("--honest is %g", f.honest), "give a percentage above 0, at most 100")
	}
	a.Honest = uint32(f.honest * 100)
	if c.Flags().Changed("outside") {
		a.Outside = f.outside
	}
	e := &specChecked{File: path, Digest: s.Digest(), Model: s.Model, Steps: s.InnerSteps, Batch: s.Batch,
		PerSlot: status.Amount(s.SlotReward()), Checked: []string{}}
	var ps []string
	if f.base != "" {
		e.Checked = append(e.Checked, "base")
		more, err := baseProblems(f.base, s)
		if err != nil {
			return err
		}
		ps = append(ps, more...)
	}
	if c.Flags().Changed("node") {
		e.Checked = append(e.Checked, "node")
		r, err := reader(c)
		if err != nil {
			return err
		}
		more, err := chainProblems(c.Context(), r.Client, s, e)
		if err != nil {
			return err
		}
		ps = append(ps, more...)
	}
	if err := runspec.Problems(ps); err != nil {
		return operror.Hinted("use the spec", path, err, "correct the keys that are named, or fund the model: weft model fund "+s.Model)
	}
	p := out.New(c)
	p.Emit(e)
	return deter(p, path, s, a)
}

// baseProblems are what is wrong with a spec for a base.
func baseProblems(dir string, s *protocol.RunSpec) ([]string, error) {
	b, err := openBase(dir)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if int(s.SeqLen) > b.Config.MaxPositions {
		return []string{fmt.Sprintf("sequence_len is %d: the base has %d positions", s.SeqLen, b.Config.MaxPositions)}, nil
	}
	return nil, nil
}

// chainProblems are what is wrong with a spec for the chain as it is now.
func chainProblems(ctx context.Context, cl *chain.Client, s *protocol.RunSpec, e *specChecked) ([]string, error) {
	m, err := chain.ReadModel(ctx, cl.Context(), s.Model)
	if err != nil {
		return nil, operror.Hinted("read the model", s.Model, err, "register it with weft model new "+s.Model)
	}
	free, approved, err := cl.Treasury(ctx, s.Model, s.Digest())
	if err != nil {
		return nil, operror.Wrap("read the treasury of", s.Model, err)
	}
	treasury := status.Amount(free)
	e.Treasury, e.Approved = &treasury, &approved
	var ps []string
	if need := s.Budget - s.Community; free < need {
		ps = append(ps, fmt.Sprintf("budget is %d, of which the treasury pays %d: it has %d", s.Budget, need, free))
	}
	if m.OpenRun != 0 {
		ps = append(ps, fmt.Sprintf("model %s is trained by run %d: a model has one open run at a time", s.Model, m.OpenRun))
	}
	return ps, nil
}
