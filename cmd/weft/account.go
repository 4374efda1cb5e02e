package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/cmd/weft/home"
	"github.com/weftnet/weft/cmd/weft/out"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// open opens the home that a command was given, to sign.
func open(c *cobra.Command) (*home.Session, error) {
	node, err := nodeOf(c)
	if err != nil {
		return nil, err
	}
	return home.Open(c.Context(), homeOf(c), node)
}

// reader opens a client that only reads.
func reader(c *cobra.Command) (*home.Session, error) {
	node, err := nodeOf(c)
	if err != nil {
		return nil, err
	}
	return home.Read(homeOf(c), node)
}

func initCmd() *cobra.Command {
	cfg := home.Default()
	var again bool
	c := &cobra.Command{
		Use:   "init",
		Short: "Make the home folder: configuration, an account key, a node key",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			phrase := ""
			if again {
				raw, err := io.ReadAll(c.InOrStdin())
				if err != nil {
					return operror.Wrap("read the recovery phrase", "", err)
				}
				if phrase = strings.TrimSpace(string(raw)); phrase == "" {
					return operror.Hinted("read the recovery phrase", "", errors.New("standard input is empty"),
						"give it on standard input: weft init --recover < phrase.txt")
				}
			}
			made, err := home.Make(homeOf(c), cfg, phrase)
			if err != nil {
				return err
			}
			p := out.New(c)
			p.Emit(&homeMade{homeOf(c), made.Address})
			if made.Phrase != "" { // on standard error, so that it does not end up in a file by accident
				fmt.Fprintf(c.ErrOrStderr(), "\nThe recovery phrase of this account, shown once. Write it down:\n\n  %s\n\n", made.Phrase)
			}
			return p.Err()
		},
	}
	c.Flags().StringVar(&cfg.Node, "node", cfg.Node, "RPC address of a node")
	c.Flags().StringVar(&cfg.ChainID, "chain-id", cfg.ChainID, "chain id")
	c.Flags().StringVar(&cfg.Key, "key", cfg.Key, "name of the account's key")
	c.Flags().StringVar(&cfg.Keyring, "keyring", cfg.Keyring, "keyring backend: os, file or test")
	c.Flags().StringVar(&cfg.GasPrices, "gas-prices", cfg.GasPrices, "gas prices")
	c.Flags().StringVar(&cfg.Listen, "listen", cfg.Listen, "address that an attester listens on")
	c.Flags().StringSliceVar(&cfg.Announce, "announce", nil, "addresses at which others reach an attester (default: those that it listens on)")
	c.Flags().BoolVar(&again, "recover", false, "read the key's recovery phrase from standard input instead of making a new key")
	return c
}

// homeMade tells of a new home.
type homeMade struct {
	Home    string `json:"home"`
	Address string `json:"address"`
}

func (*homeMade) Kind() string   { return "home" }
func (e *homeMade) Text() string { return fmt.Sprintf("made %s\n  account %s", e.Home, e.Address) }

// sent tells of a transaction that is in a block.
type sent struct {
	What   string `json:"what"`
	Height int64  `json:"height"`
}

func (*sent) Kind() string   { return "sent" }
func (e *sent) Text() string { return fmt.Sprintf("%s: done, in block %d", e.What, e.Height) }

// send sends messages as one transaction and says what they did.
func send(c *cobra.Command, cl *chain.Client, what string, msgs ...sdk.Msg) error {
	r, err := cl.Send(c.Context(), msgs...)
	if err != nil {
		return operror.Wrap(strings.ToLower(what[:1])+what[1:], "", err)
	}
	p := out.New(c)
	p.Emit(&sent{what, r.Height})
	return p.Err()
}

// amountArg reads 60WEFT, 0.5WEFT or 60000000uweft.
func amountArg(s string) (sdk.Coin, error) {
	bad := &operror.Error{Op: "read the amount", Ref: strconv.Quote(s), Err: errors.New("it is neither whole coins nor base units"),
		Hint: "write 60WEFT, 0.5WEFT or 60000000" + app.BondDenom}
	if digits, ok := strings.CutSuffix(s, "WEFT"); ok {
		d, err := math.LegacyNewDecFromStr(digits)
		if err != nil || !d.IsPositive() {
			return sdk.Coin{}, bad
		}
		units := d.MulInt64(1_000_000)
		if !units.IsInteger() {
			return sdk.Coin{}, bad
		}
		return sdk.NewCoin(app.BondDenom, units.TruncateInt()), nil
	}
	coin, err := sdk.ParseCoinNormalized(s)
	if err != nil || coin.Denom != app.BondDenom || !coin.IsPositive() {
		return sdk.Coin{}, bad
	}
	return coin, nil
}

func sendCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:     "send ADDRESS AMOUNT",
		Short:   "Send coins to an account",
		Example: "  weft send weft1… 60WEFT",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			amount, err := amountArg(args[1])
			if err != nil {
				return err
			}
			if _, err := sdk.AccAddressFromBech32(args[0]); err != nil {
				return operror.Hinted("send to", args[0], err, "give an account's address, weft1…")
			}
			s, err := open(c)
			if err != nil {
				return err
			}
			return send(c, s.Client, fmt.Sprintf("Send %s to %s", amount, args[0]),
				&banktypes.MsgSend{FromAddress: s.Address(), ToAddress: args[0], Amount: sdk.NewCoins(amount)})
		},
	})
}

func depositCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:     "deposit MODEL AMOUNT",
		Short:   "Pay revenue in for the holders of a model's shares (anyone may)",
		Example: "  weft deposit tiny 5WEFT",
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
			return send(c, s.Client, fmt.Sprintf("Deposit %s for the holders of %s", amount, args[0]),
				&sharetypes.MsgDeposit{Depositor: s.Address(), Model: args[0], Amount: amount})
		},
	})
}

// registered tells of an account that the chain knows as a worker.
type registered struct {
	Address string   `json:"address"`
	Peer    string   `json:"peer"`
	Addrs   []string `json:"addrs"`
}

func (*registered) Kind() string { return "registered" }

func (e *registered) Text() string {
	s := fmt.Sprintf("registered %s\n  node      %s", e.Address, e.Peer)
	for _, a := range e.Addrs {
		s += "\n  reached   " + a
	}
	return s
}

func registerCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:   "register",
		Short: "Make the chain know this account as a worker, with its node key and the addresses it announces",
		Long: "register needs no run. Workers register by themselves when they start; an attester that is to be linked to its validator\n" +
			"before a run is open registers first.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := open(c)
			if err != nil {
				return err
			}
			key, err := home.NodeKey(s.Dir)
			if err != nil {
				return operror.Wrap("open the node key in", s.Dir, err)
			}
			addrs, err := announced(s.Config)
			if err != nil {
				return err
			}
			if err := s.Register(c.Context(), key, addrs); err != nil {
				return operror.Wrap("register", s.Address(), err)
			}
			e := &registered{Address: s.Address(), Peer: chain.PeerID(key), Addrs: s.Config.Announce}
			p := out.New(c)
			p.Emit(e)
			return p.Err()
		},
	})
}

func linkCmd() *cobra.Command {
	var from, ring string
	c := nodeFlag(&cobra.Command{
		Use:   "link WORKER",
		Short: "Link a registered worker to your validator, which makes it an attester (the operator signs)",
		Long: "link is signed by the validator's operator. Its key is this home's own, or --from NAME in the keyring of another folder:\n" +
			"  weft link weft1… --from operator --keyring-dir ~/.weftd",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			worker, err := sdk.AccAddressFromBech32(args[0])
			if err != nil {
				return operror.Hinted("link", args[0], err, "give the worker's address, weft1…: weft register prints it")
			}
			s, err := open(c)
			if err != nil {
				return err
			}
			if from != "" {
				if s, err = s.As(from, ring); err != nil {
					return err
				}
			}
			operator, err := sdk.AccAddressFromBech32(s.Address())
			if err != nil {
				return operror.Wrap("read the operator's address", s.Address(), err)
			}
			return send(c, s.Client, "Link "+worker.String()+" to the validator of "+s.Address(),
				&workertypes.MsgLinkValidator{Operator: sdk.ValAddress(operator).String(), Worker: worker.String()})
		},
	})
	c.Flags().StringVar(&from, "from", "", "name of the operator's key (default: this home's account)")
	c.Flags().StringVar(&ring, "keyring-dir", "", "folder whose keyring has that key, e.g. ~/.weftd (default: this home)")
	return c
}

func leaveCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:   "leave RUN",
		Short: "Take no more part in a run: the bond comes back when the last round served can no longer be disputed",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			run, err := runArg(args[0])
			if err != nil {
				return err
			}
			s, err := open(c)
			if err != nil {
				return err
			}
			if err := s.Submit(c.Context(), run, protocol.Leave{Account: protocol.Account(s.Address())}); err != nil {
				return operror.Wrap("leave run", args[0], err)
			}
			p := out.New(c)
			p.Emit(&left{run, s.Address()})
			return p.Err()
		},
	})
}

// left tells that an account takes no more part in a run.
type left struct {
	Run     uint64 `json:"run"`
	Account string `json:"account"`
}

func (*left) Kind() string { return "left" }

func (e *left) Text() string {
	return fmt.Sprintf("left run %d as %s; weft status %d shows when the bond comes back", e.Run, e.Account, e.Run)
}

func claimCmd() *cobra.Command {
	return nodeFlag(&cobra.Command{
		Use:   "claim",
		Short: "Claim everything this account is owed: pay for work, and the revenue of its shares",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := open(c)
			if err != nil {
				return err
			}
			return claim(c, s.Client)
		},
	})
}

// coins are amounts by denom, in base units, as text.
type coins map[string]string

func coinsOf(cs sdk.Coins) coins {
	out := coins{}
	for _, c := range cs {
		out[c.Denom] = c.Amount.String()
	}
	return out
}

// revenue is what the shares of a model earned.
type revenue struct {
	Model  string `json:"model"`
	Shares string `json:"shares"`
	Amount coins  `json:"amount"` // base units by denom
	text   string
}

// claimed tells of a claim; nothing was claimed when height is absent.
type claimed struct {
	Account string        `json:"account"`
	Pay     status.Amount `json:"pay"` // for work
	Revenue []revenue     `json:"revenue"`
	Height  int64         `json:"height,omitempty"`
}

func (*claimed) Kind() string { return "claimed" }

func (e *claimed) Text() string {
	if e.Height == 0 {
		return "nothing to claim now; pay is credited when a round is SETTLED, revenue when somebody deposits it"
	}
	s := fmt.Sprintf("claimed in block %d: %s for work", e.Height, e.Pay)
	for _, r := range e.Revenue {
		s += fmt.Sprintf("\n  %s from %s shares of %s", r.text, r.Shares, r.Model)
	}
	return s
}

// earnings are what an account can claim now.
func earnings(ctx context.Context, s *chain.Client, account string) (owed status.Amount, rs []revenue, err error) {
	pay, err := s.Owed(ctx, account)
	if err != nil {
		return 0, nil, operror.Wrap("read what is owed to", account, err)
	}
	held, err := s.Positions(ctx, account)
	if err != nil {
		return 0, nil, operror.Wrap("read the shares of", account, err)
	}
	for _, v := range held {
		due := sdk.NewCoins(v.Claimable...)
		rs = append(rs, revenue{v.Model, v.Shares.String(), coinsOf(due), due.String()})
	}
	return status.Amount(pay), rs, nil
}

// claim sends one transaction with everything that is owed.
func claim(c *cobra.Command, cl *chain.Client) error {
	owed, held, err := earnings(c.Context(), cl, cl.Address())
	if err != nil {
		return err
	}
	e := &claimed{Account: cl.Address(), Pay: owed, Revenue: []revenue{}}
	var msgs []sdk.Msg
	if owed > 0 {
		msgs = append(msgs, &roundtypes.MsgClaimPay{Account: cl.Address()})
	}
	for _, r := range held {
		if len(r.Amount) > 0 {
			msgs = append(msgs, &sharetypes.MsgClaim{Holder: cl.Address(), Model: r.Model})
			e.Revenue = append(e.Revenue, r)
		}
	}
	if len(msgs) > 0 {
		r, err := cl.Send(c.Context(), msgs...)
		if err != nil {
			return operror.Wrap("claim", "", err)
		}
		e.Height = r.Height
	}
	p := out.New(c)
	p.Emit(e)
	return p.Err()
}
