package home

import (
	"context"
	"fmt"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/operror"
)

// Session is an opened home with a client of its chain.
type Session struct {
	*chain.Client
	Dir    string
	Config Config
}

// Open opens a home for a command that signs. node, if given, overrides the configuration's. The node must be one of the
// configured chain: a signature for another one is worth nothing.
func Open(ctx context.Context, dir, node string) (*Session, error) {
	c, err := ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	if node != "" {
		c.Node = node
	}
	s, err := connect(dir, c)
	if err != nil {
		return nil, err
	}
	if s.Client, err = chain.New(s.Context(), c.Key, c.GasPrices); err != nil {
		return nil, operror.Hinted("open the key", c.Key, err, "weft init makes it; weftd keys list --home "+dir+" lists what the keyring has")
	}
	id, err := s.ChainID(ctx)
	if err != nil {
		return nil, operror.Wrap("reach the node", c.Node, err)
	}
	if id != c.ChainID {
		return nil, &operror.Error{Op: "use the node", Ref: c.Node, Err: fmt.Errorf("its chain is %s, the configuration names %s", id, c.ChainID),
			Hint: "correct node or chain_id in " + dir + "/" + ConfigFile}
	}
	return s, nil
}

// Read opens a client that only reads, for commands that need neither a home nor a key: node, or the one that the home's
// configuration names, or the default.
func Read(dir, node string) (*Session, error) {
	c := Default()
	if had, err := ReadConfig(dir); err == nil {
		c = had
	} else if node == "" && exists(dir) {
		return nil, err
	}
	if node != "" {
		c.Node = node
	}
	c.Keyring = keyring.BackendMemory // no passphrase is asked for
	return connect(dir, c)
}

func connect(dir string, c Config) (*Session, error) {
	if err := NodeProblem(c.Node); err != nil {
		return nil, operror.Hinted("connect to", "the node", err, "give the RPC address of a node with --node")
	}
	cc, err := Context(dir, c)
	if err != nil {
		return nil, operror.Wrap("connect to", c.Node, err)
	}
	return &Session{chain.NewReader(cc), dir, c}, nil
}

// As is the session of another key: that of the given name in the keyring of dir; empty: this home's.
func (s *Session) As(key, dir string) (*Session, error) {
	if dir == "" {
		dir = s.Dir
	}
	cc, err := Context(dir, s.Config)
	if err != nil {
		return nil, operror.Wrap("open the keyring in", dir, err)
	}
	cl, err := chain.New(cc, key, s.Config.GasPrices)
	if err != nil {
		return nil, operror.Hinted("open the key", key, err, "weftd keys list --keyring-dir "+dir+" shows the names")
	}
	return &Session{cl, s.Dir, s.Config}, nil
}
