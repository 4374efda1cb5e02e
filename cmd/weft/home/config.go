package home

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/multiformats/go-multiaddr"
	"gopkg.in/yaml.v3"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/app"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/suggest"
)

// ConfigFile is the configuration's name in a home.
const ConfigFile = "config.yaml"

// Config is config.yaml.
type Config struct {
	Node      string   `yaml:"node"`
	ChainID   string   `yaml:"chain_id"`
	Key       string   `yaml:"key"`
	Keyring   string   `yaml:"keyring"`
	GasPrices string   `yaml:"gas_prices"`
	Listen    string   `yaml:"listen"`
	Announce  []string `yaml:"announce"`
}

// keys are those of config.yaml, each with its comment and what is wrong with a value.
var keys = []struct {
	name, doc string
	problem   func(Config) error
}{
	{"node", "RPC address of a node of the chain", func(c Config) error { return NodeProblem(c.Node) }},
	{"chain_id", "id of the chain: the node must be one of it", func(c Config) error { return missing(c.ChainID, "weft-1") }},
	{"key", "name of the account's key in the keyring", func(c Config) error { return missing(c.Key, "worker") }},
	{"keyring", "os, file or test (test keeps keys unencrypted)", func(c Config) error {
		if !slices.Contains(backends, c.Keyring) {
			return fmt.Errorf("%q is none of %s", c.Keyring, strings.Join(backends, ", "))
		}
		return nil
	}},
	{"gas_prices", "what a unit of gas is paid, e.g. 0.0025" + app.BondDenom + "; empty where nodes ask for no fees", func(c Config) error {
		_, err := sdk.ParseDecCoins(c.GasPrices)
		return err
	}},
	{"listen", "address that an attester listens on", func(c Config) error {
		_, err := multiaddr.NewMultiaddr(c.Listen)
		return err
	}},
	{"announce", "addresses at which others reach an attester, e.g. [/dns4/weft.example/tcp/4650]; empty: those that it listens on",
		func(c Config) error {
			for _, a := range c.Announce {
				if _, err := multiaddr.NewMultiaddr(a); err != nil {
					return err
				}
			}
			return nil
		}},
}

var backends = []string{keyring.BackendOS, keyring.BackendFile, keyring.BackendTest, keyring.BackendMemory}

// Default is the configuration of a node on this machine.
func Default() Config {
	return Config{Node: "tcp://127.0.0.1:26657", ChainID: "weft-local", Key: "worker", Keyring: keyring.BackendTest, GasPrices: "0.0025" +
		app.BondDenom,
		Listen: "/ip4/0.0.0.0/tcp/4650"}
}

func missing(v, example string) error {
	if strings.TrimSpace(v) == "" {
		return fmt.Errorf("it is empty; e.g. %s", example)
	}
	return nil
}

// NodeProblem is what is wrong with an RPC address.
func NodeProblem(node string) error {
	u, err := url.Parse(node)
	if err != nil || u.Host == "" || !slices.Contains([]string{"tcp", "http", "https"}, u.Scheme) {
		return fmt.Errorf("%q is not an RPC address such as tcp://127.0.0.1:26657", node)
	}
	return nil
}

// Check lists everything that is wrong with the configuration.
func (c Config) Check() error {
	var errs []error
	for _, k := range keys {
		if err := k.problem(c); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", k.name, err))
		}
	}
	return errors.Join(errs...)
}

// Encode is the file's text: every key with its comment.
func (c Config) Encode() ([]byte, error) {
	var doc yaml.Node
	if err := doc.Encode(c); err != nil {
		return nil, err
	}
	doc.HeadComment = "Settings of weft. Flags override them."
	for i := 0; i < len(doc.Content); i += 2 {
		doc.Content[i].HeadComment = keys[i/2].doc
		if doc.Content[i+1].Kind == yaml.SequenceNode {
			doc.Content[i+1].Style = yaml.FlowStyle
		}
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(&doc), e.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// ReadConfig reads a home's configuration and checks it; an unknown key is an error that suggests the nearest known one.
func ReadConfig(dir string) (c Config, err error) {
	path := filepath.Join(dir, ConfigFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, &operror.Error{Op: "read", Ref: path, Err: errors.New("there is no configuration"), Hint: "run weft init"}
	}
	if err != nil {
		return c, operror.Wrap("read", path, err)
	}
	hint := "correct the line in " + path
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return c, operror.Hinted("read", path, err, hint)
	}
	known := make([]string, len(keys))
	for i, k := range keys {
		known[i] = k.name
	}
	if len(doc.Content) > 0 {
		if err := suggest.UnknownKey(doc.Content[0], known); err != nil {
			return c, operror.Hinted("read", path, err, hint)
		}
	}
	if err := doc.Decode(&c); err != nil {
		return c, operror.Hinted("read", path, err, hint)
	}
	return c, operror.Hinted("use", path, c.Check(), hint)
}

// exists says whether there is a configuration, readable or not.
func exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, ConfigFile))
	return err == nil
}
