package network

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"cosmossdk.io/log/v2"
	cmtdb "github.com/cometbft/cometbft-db"
	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtlog "github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
	"github.com/cometbft/cometbft/rpc/client/local"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/weftnet/weft/app"
)

// Node is one validator.
type Node struct {
	// Operator is the validator's account: it votes, and signs MsgLinkValidator.
	Operator Account
	// App is the running application; nil while the network is stopped.
	App *app.App
	// RPC is the running node's client inside the process; nil while the network is stopped.
	RPC *local.Local
	// RPCAddr is the address of the RPC server (tcp://127.0.0.1:port), if Options.Listen.
	RPCAddr string

	index   int
	cfg     *cmtcfg.Config
	key     *p2p.NodeKey
	privval *privval.FilePV
	comet   *node.Node
	memory  bool
	appDB   dbm.DB
	dbs     map[string]cmtdb.DB
}

// newNode makes a node's folder and keys, or finds them there.
func newNode(i int, o Options, root string) (*Node, error) {
	c := cmtcfg.DefaultConfig()
	c.SetRoot(filepath.Join(root, fmt.Sprintf("node%d", i)))
	for _, d := range []string{"config", "data"} {
		if err := os.MkdirAll(filepath.Join(c.RootDir, d), 0o700); err != nil {
			return nil, err
		}
	}
	nd := &Node{index: i, Operator: NewAccount(fmt.Sprintf("validator%d", i)), cfg: c, memory: o.Dir == "", dbs: map[string]cmtdb.DB{}}
	if _, err := os.Stat(c.PrivValidatorKeyFile()); err == nil {
		nd.privval = privval.LoadFilePV(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile())
	} else {
		nd.privval = privval.NewFilePV(ed25519.GenPrivKey(), c.PrivValidatorKeyFile(), c.PrivValidatorStateFile())
		nd.privval.Save()
	}
	var err error
	if nd.key, err = p2p.LoadOrGenNodeKey(c.NodeKeyFile()); err != nil {
		return nil, err
	}
	return nd, nd.configure(o)
}

func (nd *Node) configure(o Options) error {
	c := nd.cfg
	port, err := freePort()
	if err != nil {
		return err
	}
	c.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", port)
	c.P2P.AddrBookStrict, c.P2P.AllowDuplicateIP, c.P2P.PexReactor = false, true, false
	c.P2P.FlushThrottleTimeout = time.Millisecond
	c.RPC.ListenAddress = ""
	if o.Listen {
		if port, err = freePort(); err != nil {
			return err
		}
		nd.RPCAddr = fmt.Sprintf("tcp://127.0.0.1:%d", port)
		c.RPC.ListenAddress = nd.RPCAddr
	}
	c.Consensus.TimeoutCommit = o.BlockTime
	// The default of 100 ms would decide the block time of several validators.
	c.Consensus.PeerGossipSleepDuration = 5 * time.Millisecond
	c.Instrumentation.Prometheus = false
	c.DBBackend = string(dbm.GoLevelDBBackend)
	return nil
}

func (nd *Node) peer() string {
	return fmt.Sprintf("%s@%s", nd.key.ID(), nd.cfg.P2P.ListenAddress[len("tcp://"):])
}

// load opens the application.
func (nd *Node) load(o Options) error {
	if nd.appDB == nil {
		nd.appDB = dbm.NewMemDB()
		if !nd.memory {
			var err error
			if nd.appDB, err = dbm.NewDB("application", dbm.GoLevelDBBackend, nd.cfg.DBDir()); err != nil {
				return err
			}
		}
	}
	var err error
	nd.App, err = app.New(log.NewNopLogger(), nd.appDB, app.Options{flags.FlagHome: nd.cfg.RootDir},
		baseapp.SetChainID(o.ChainID), baseapp.SetMinGasPrices("0"+app.BondDenom))
	return err
}

// start runs the node on the loaded application.
func (nd *Node) start(o Options, doc *cmttypes.GenesisDoc) error {
	logger := cmtlog.NewNopLogger()
	if o.Log {
		logger = cmtlog.NewFilter(cmtlog.NewTMLogger(os.Stderr), cmtlog.AllowError())
	}
	application := server.NewCometABCIWrapper(nd.App)
	if o.ABCI != nil {
		application = o.ABCI(nd.index, application)
	}
	var err error
	nd.comet, err = node.NewNode(nd.cfg, nd.privval, nd.key, proxy.NewLocalClientCreator(application),
		func() (*cmttypes.GenesisDoc, error) { return doc, nil }, nd.openDB, node.DefaultMetricsProvider(nd.cfg.Instrumentation), logger)
	if err != nil {
		return err
	}
	nd.RPC = local.New(nd.comet)
	return nd.comet.Start()
}

// keptOpen leaves a database open when CometBFT closes it: CometBFT does so while some of its routines still read.
type keptOpen struct{ cmtdb.DB }

func (keptOpen) Close() error { return nil }

func (nd *Node) openDB(ctx *cmtcfg.DBContext) (cmtdb.DB, error) {
	if db, ok := nd.dbs[ctx.ID]; ok {
		return keptOpen{db}, nil
	}
	var db cmtdb.DB = cmtdb.NewMemDB()
	if !nd.memory {
		var err error
		if db, err = cmtcfg.DefaultDBProvider(ctx); err != nil {
			return nil, err
		}
	}
	nd.dbs[ctx.ID] = db
	return keptOpen{db}, nil
}

// stop ends the node. A node on disk closes its databases; one in memory keeps them for the next start.
func (nd *Node) stop() error {
	var errs []error
	if nd.comet != nil && nd.comet.IsRunning() {
		errs = append(errs, nd.comet.Stop())
		nd.comet.Wait()
	}
	if !nd.memory {
		for _, db := range nd.dbs {
			errs = append(errs, db.Close())
		}
		nd.dbs = map[string]cmtdb.DB{}
		if nd.App != nil {
			errs = append(errs, nd.App.Close())
		}
		nd.appDB = nil
	}
	nd.App, nd.RPC, nd.comet = nil, nil, nil
	return errors.Join(errs...)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
