package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cosmossdk.io/depinject"
	"cosmossdk.io/log/v2"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/gossip"
)

const (
	configFile = "config.yaml"
	nodeKey    = "node.key"
)

// homeConfig is config.yaml.
type homeConfig struct {
	Node      string `yaml:"node"`
	ChainID   string `yaml:"chain_id"`
	Key       string `yaml:"key"`
	Keyring   string `yaml:"keyring"`
	GasPrices string `yaml:"gas_prices"`
	Listen    string `yaml:"listen"`
}

const configText = `# Settings of weft. Flags override them.
node: %s          # RPC address of a node of the chain
chain_id: %s
key: %s                              # name of the account's key in the keyring
keyring: %s                            # os, file or test (test keeps keys unencrypted)
gas_prices: %s                # what a unit of gas is paid
listen: %s      # where an attester can be reached
`

func initCmd() *cobra.Command {
	cfg := homeConfig{}
	var recover bool
	c := &cobra.Command{
		Use:   "init",
		Short: "Make the home folder: configuration, an account key, a node key",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			home, err := c.Flags().GetString("home")
			if err != nil {
				return err
			}
			return initHome(c, home, cfg, recover)
		},
	}
	c.Flags().StringVar(&cfg.Node, "node", "tcp://127.0.0.1:26657", "RPC address of a node")
	c.Flags().StringVar(&cfg.ChainID, "chain-id", "weft-local", "chain id")
	c.Flags().StringVar(&cfg.Key, "key", "worker", "name of the account's key")
	c.Flags().StringVar(&cfg.Keyring, "keyring", keyring.BackendTest, "keyring backend: os, file or test")
	c.Flags().StringVar(&cfg.GasPrices, "gas-prices", "0.0025"+app.BondDenom, "gas prices")
	c.Flags().StringVar(&cfg.Listen, "listen", "/ip4/0.0.0.0/tcp/4650", "address that an attester listens on")
	c.Flags().BoolVar(&recover, "recover", false, "read the key's recovery phrase from standard input instead of making a new key")
	return c
}

func initHome(c *cobra.Command, home string, cfg homeConfig, recover bool) error {
	path := filepath.Join(home, configFile)
	if _, err := os.Stat(path); err == nil {
		return &OpError{Op: "initialise", Ref: home, Err: errors.New("there is a configuration already"), Hint: "edit " + path + ", or name another folder with --home"}
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return failed("make", home, err)
	}
	cc, err := newContext(home, cfg)
	if err != nil {
		return failed("open the keyring in", home, err)
	}
	addr, phrase, err := newKey(c, cc.Keyring, cfg.Key, recover)
	if err != nil {
		return failed("make the key", cfg.Key, err)
	}
	if _, err := loadNodeKey(home); err != nil {
		return failed("make the node key in", home, err)
	}
	text := fmt.Sprintf(configText, cfg.Node, cfg.ChainID, cfg.Key, cfg.Keyring, cfg.GasPrices, cfg.Listen)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return failed("write", path, err)
	}
	out(c).event("home", fields{"home": home, "address": addr}, "made %s\n  account %s", home, addr)
	if phrase != "" { // on standard error, so that it does not end up in a file by accident
		fmt.Fprintf(c.ErrOrStderr(), "\nThe recovery phrase of this account, shown once. Write it down:\n\n  %s\n\n", phrase)
	}
	return nil
}

// newKey makes or recovers the account's key; an existing one is kept.
func newKey(c *cobra.Command, ring keyring.Keyring, name string, recover bool) (addr, phrase string, err error) {
	rec, err := ring.Key(name)
	if err != nil {
		algo := keyring.SignatureAlgo(hd)
		if recover {
			var buf bytes.Buffer
			if _, err := buf.ReadFrom(c.InOrStdin()); err != nil {
				return "", "", err
			}
			rec, err = ring.NewAccount(name, strings.TrimSpace(buf.String()), "", keyringPath, algo)
		} else {
			rec, phrase, err = ring.NewMnemonic(name, keyring.English, keyringPath, "", algo)
		}
	}
	if err != nil {
		return "", "", err
	}
	a, err := rec.GetAddress()
	return a.String(), phrase, err
}

// loadNodeKey reads the node key of a home, or makes one.
func loadNodeKey(home string) (crypto.PrivKey, error) {
	return gossip.LoadKey(filepath.Join(home, nodeKey))
}

// readConfig reads config.yaml; an unknown key is an error that suggests the nearest known one.
func readConfig(home string) (cfg homeConfig, err error) {
	path := filepath.Join(home, configFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return cfg, &OpError{Op: "read", Ref: path, Err: errors.New("there is no configuration"), Hint: "run weft init"}
	}
	if err != nil {
		return cfg, failed("read", path, err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return cfg, failed("read", path, err)
	}
	if len(doc.Content) > 0 {
		if err := unknownKey(doc.Content[0], []string{"node", "chain_id", "key", "keyring", "gas_prices", "listen"}); err != nil {
			return cfg, failed("read", path, err)
		}
	}
	return cfg, failed("read", path, doc.Decode(&cfg))
}

// newContext makes a client context that knows Weft's messages, over the node that cfg names.
func newContext(home string, cfg homeConfig) (client.Context, error) {
	var (
		cdc      codec.Codec
		registry codectypes.InterfaceRegistry
		txs      client.TxConfig
		cc       client.Context
	)
	if err := depinject.Inject(depinject.Configs(app.Config(), depinject.Supply(log.NewNopLogger(), simtestutil.AppOptionsMap{flags.FlagHome: home})), &cdc, &registry, &txs); err != nil {
		return cc, err
	}
	cc = cc.WithCodec(cdc).WithInterfaceRegistry(registry).WithTxConfig(txs)
	cc = cc.WithAccountRetriever(authtypes.AccountRetriever{}).WithChainID(cfg.ChainID).WithHomeDir(home).WithNodeURI(cfg.Node).
		WithBroadcastMode(flags.BroadcastSync).WithSkipConfirmation(true).WithInput(os.Stdin)
	ring, err := keyring.New("weft", cfg.Keyring, home, os.Stdin, cc.Codec)
	if err != nil {
		return cc, err
	}
	node, err := client.NewClientFromNode(cfg.Node)
	if err != nil {
		return cc, err
	}
	return cc.WithKeyring(ring).WithClient(node), nil
}

// session opens the home for a command that talks to the chain.
func session(c *cobra.Command) (*chain.Client, string, homeConfig, error) {
	home, err := c.Flags().GetString("home")
	if err != nil {
		return nil, "", homeConfig{}, err
	}
	cfg, err := readConfig(home)
	if err != nil {
		return nil, "", cfg, err
	}
	if n := c.Flags().Lookup("node"); n != nil && n.Changed {
		cfg.Node = n.Value.String()
	}
	cc, err := newContext(home, cfg)
	if err != nil {
		return nil, "", cfg, failed("connect to", cfg.Node, err)
	}
	cl, err := chain.New(cc, cfg.Key, cfg.GasPrices)
	return cl, home, cfg, failed("open the key", cfg.Key, err)
}
