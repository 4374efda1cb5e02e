package home

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"cosmossdk.io/depinject"
	"cosmossdk.io/log/v2"
	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/operror"
)

// nodeKey is the name of the node key's file.
const nodeKey = "node.key"

// Made is a home that was made.
type Made struct {
	Address string
	Phrase  string // the account's recovery phrase; empty when the key was there or was recovered
}

// Make makes a home: configuration, an account key, a node key. phrase, if given, is that of the account to recover.
func Make(dir string, c Config, phrase string) (*Made, error) {
	path := filepath.Join(dir, ConfigFile)
	if _, err := os.Stat(path); err == nil {
		return nil, &operror.Error{Op: "initialise", Ref: dir, Err: errors.New("there is a configuration already"),
			Hint: "edit " + path + ", or name another folder with --home"}
	}
	if err := c.Check(); err != nil {
		return nil, operror.Hinted("initialise", dir, err, "change the flags that are named")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, operror.Wrap("make", dir, err)
	}
	cc, err := Context(dir, c)
	if err != nil {
		return nil, operror.Wrap("open the keyring in", dir, err)
	}
	m := &Made{}
	if m.Address, m.Phrase, err = account(cc.Keyring, c.Key, phrase); err != nil {
		return nil, operror.Hinted("make the key", c.Key, err, "check the recovery phrase, or leave --recover away for a new key")
	}
	if _, err := NodeKey(dir); err != nil {
		return nil, operror.Wrap("make the node key in", dir, err)
	}
	text, err := c.Encode()
	if err != nil {
		return nil, operror.Wrap("write", path, err)
	}
	return m, operror.Wrap("write", path, os.WriteFile(path, text, 0o600))
}

// account makes or recovers the account's key; an existing one is kept.
func account(ring keyring.Keyring, name, phrase string) (addr, made string, err error) {
	rec, err := ring.Key(name)
	if err != nil {
		if phrase != "" {
			rec, err = ring.NewAccount(name, strings.TrimSpace(phrase), "", sdk.FullFundraiserPath, hd.Secp256k1)
		} else {
			rec, made, err = ring.NewMnemonic(name, keyring.English, sdk.FullFundraiserPath, "", hd.Secp256k1)
		}
	}
	if err != nil {
		return "", "", err
	}
	a, err := rec.GetAddress()
	return a.String(), made, err
}

// NodeKey reads the node key of a home, or makes one.
func NodeKey(dir string) (crypto.PrivKey, error) { return gossip.LoadKey(filepath.Join(dir, nodeKey)) }

// Context makes a client context that knows Weft's messages, over the node that c names.
func Context(dir string, c Config) (client.Context, error) {
	var (
		cdc      codec.Codec
		registry codectypes.InterfaceRegistry
		txs      client.TxConfig
		cc       client.Context
	)
	supply := depinject.Supply(log.NewNopLogger(), app.Options{flags.FlagHome: dir})
	if err := depinject.Inject(depinject.Configs(app.Config(), supply), &cdc, &registry, &txs); err != nil {
		return cc, err
	}
	cc = cc.WithCodec(cdc).WithInterfaceRegistry(registry).WithTxConfig(txs)
	cc = cc.WithAccountRetriever(authtypes.AccountRetriever{}).WithChainID(c.ChainID).WithHomeDir(dir).WithNodeURI(c.Node).
		WithBroadcastMode(flags.BroadcastSync).WithSkipConfirmation(true).WithInput(os.Stdin)
	ring, err := keyring.New("weft", c.Keyring, dir, os.Stdin, cc.Codec)
	if err != nil {
		return cc, err
	}
	node, err := client.NewClientFromNode(c.Node)
	if err != nil {
		return cc, err
	}
	return cc.WithKeyring(ring).WithClient(node), nil
}

// Address is the account's address in bech32. A keyring that asks for a passphrase is not opened.
func Address(dir string, c Config) (string, error) {
	if c.Keyring == keyring.BackendFile || c.Keyring == keyring.BackendOS {
		return "", errors.New("this keyring asks for a passphrase")
	}
	cc, err := Context(dir, c)
	if err != nil {
		return "", err
	}
	rec, err := cc.Keyring.Key(c.Key)
	if err != nil {
		return "", err
	}
	a, err := rec.GetAddress()
	return a.String(), err
}

// Offline is a codec that knows Weft's messages, for commands that talk to nobody.
func Offline() (codec.Codec, error) {
	c := Default()
	c.Keyring = keyring.BackendMemory
	cc, err := Context(os.TempDir(), c)
	return cc.Codec, err
}
