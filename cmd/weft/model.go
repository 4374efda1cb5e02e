package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/weftnet/weft/ckpt/disk"
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/base"
	modeltypes "github.com/weftnet/weft/x/model/types"
	roundtypes "github.com/weftnet/weft/x/round/types"
)

func modelCmd() *cobra.Command {
	c := &cobra.Command{Use: "model", Short: "Models: create one, check a run's spec, write its proposal"}
	c.AddCommand(modelNewCmd(), modelCheckCmd(), modelProposalCmd())
	return c
}

// digestText is a digest field of a message for people to read: one that names nothing is "none".
func digestText(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func modelNewCmd() *cobra.Command {
	var dir, licence, uri string
	var h hyperFlags
	var shares uint64
	c := nodeFlag(&cobra.Command{
		Use:   "new NAME --base DIR",
		Short: "Register a model on chain with its first checkpoint",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, home, _, err := session(c)
			if err != nil {
				return err
			}
			b, err := base.Open(dir)
			if err != nil {
				return failed("open the base", dir, err)
			}
			defer b.Close()
			d, err := b.Digest()
			if err != nil {
				return failed("digest", dir, err)
			}
			tok, err := b.TokenizerDigest()
			if err != nil {
				return failed("digest", dir, err)
			}
			store, err := disk.Open(home + "/store")
			if err != nil {
				return failed("open the store in", home, err)
			}
			first, err := trainer.InitialCheckpoint(store, args[0], d, h.adapter(), b.Config)
			if err != nil {
				return failed("make the first checkpoint of", args[0], err)
			}
			a := first.Manifest.Adapter
			if _, err := cl.Send(c.Context(), &modeltypes.MsgCreateModel{Owner: cl.Address(), Name: args[0], Base: d.Text(), Tokenizer: tok.Text(),
				Adapter: modeltypes.AdapterSpec{Rank: uint32(a.Rank), Alpha: uint32(a.Alpha), Targets: a.Targets, FreezeA: a.FreezeA == 1},
				Licence: licence, MaxShares: shares, MetadataUri: uri, Genesis: first.Digest.Text(), GenesisSize: first.Size()}); err != nil {
				return failed("register the model", args[0], err)
			}
			out(c).event("model", fields{"model": args[0], "checkpoint": first.Digest, "base": d}, "registered %s\n  base        %s\n  checkpoint  %s", args[0], d, first.Digest)
			return nil
		},
	})
	c.Flags().StringVar(&dir, "base", "", "folder of the base")
	c.Flags().StringVar(&licence, "licence", "Apache-2.0", "SPDX id of the adapter's licence")
	c.Flags().StringVar(&uri, "metadata", "", "where more is told about the model")
	c.Flags().Uint64Var(&shares, "max-shares", 1_000_000, "shares that may ever be minted")
	c.Flags().IntVar(&h.rank, "rank", 8, "LoRA rank")
	c.Flags().IntVar(&h.alpha, "alpha", 16, "LoRA alpha")
	c.Flags().StringVar(&h.targets, "targets", "all", "projections to adapt")
	c.Flags().BoolVar(&h.freezeA, "freeze-a", false, "train B only")
	return c
}

func modelCheckCmd() *cobra.Command {
	var honest float64
	var outside uint64
	c := &cobra.Command{
		Use:   "check SPEC.yaml",
		Short: "Check a run's spec: every problem at once, what cheating would be worth, and its digest for MsgApproveRun",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := readSpec(args[0])
			if err != nil {
				return err
			}
			a := s.DefaultAssumptions()
			if a.Honest, err = honestFlag(honest); err != nil {
				return failed("check", args[0], err)
			}
			if c.Flags().Changed("outside") {
				a.Outside = outside
			}
			d := s.Digest()
			out(c).event("spec", fields{"digest": d, "digest_hex": hex.EncodeToString(d[:])}, "%s can be carried out\n  digest     %s\n  per slot   %d steps of %d sequences a round, at most %s", args[0], d, s.InnerSteps, s.Batch, weft(s.SlotReward()))
			return deter(out(c), args[0], s, a)
		},
	}
	c.Flags().Float64Var(&honest, "honest", 66.67, "assumed honest part of the attesters' weight, in percent")
	c.Flags().Uint64Var(&outside, "outside", 0, "assumed worth of one slot's forged work outside of the run, in uweft (default: what the slot earns)")
	return c
}

func modelProposalCmd() *cobra.Command {
	var title, summary, deposit, dst string
	c := &cobra.Command{
		Use:   "proposal SPEC.yaml",
		Short: "Write the governance proposal that opens a run",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := readSpec(args[0])
			if err != nil {
				return err
			}
			cc, err := newContext(os.TempDir(), homeConfig{Node: "tcp://127.0.0.1:26657", Keyring: "memory"})
			if err != nil {
				return failed("prepare the proposal", "", err)
			}
			msg, err := cc.Codec.MarshalInterfaceJSON(&roundtypes.MsgOpenRun{Authority: authtypes.NewModuleAddress(govtypes.ModuleName).String(), Spec: roundtypes.SpecOf(*s)})
			if err != nil {
				return failed("encode the proposal", "", err)
			}
			raw, err := json.MarshalIndent(map[string]any{"messages": []json.RawMessage{msg}, "metadata": "", "deposit": deposit, "title": title, "summary": summary, "expedited": false}, "", "  ")
			if err != nil {
				return failed("encode the proposal", "", err)
			}
			if err := os.WriteFile(dst, append(raw, '\n'), 0o644); err != nil {
				return failed("write", dst, err)
			}
			out(c).event("proposal", fields{"file": dst, "digest": s.Digest()}, "wrote %s\n  spec      %s\n  approve   weftd tx model approve-run %s %s\n  submit    weftd tx gov submit-proposal %s", dst, s.Digest(), s.Model, s.Digest(), dst)
			return nil
		},
	}
	c.Flags().StringVar(&title, "title", "Open a run", "title of the proposal")
	c.Flags().StringVar(&summary, "summary", "Opens a training run.", "summary of the proposal")
	c.Flags().StringVar(&deposit, "deposit", "10000000uweft", "deposit")
	c.Flags().StringVar(&dst, "out", "proposal.json", "file to write")
	return c
}

// problems joins what is wrong with a spec, one line each.
func problems(ps []string) error {
	if len(ps) == 0 {
		return nil
	}
	slices.Sort(ps)
	return errors.New(fmt.Sprintf("%d problems:\n- ", len(ps)) + strings.Join(ps, "\n- "))
}
