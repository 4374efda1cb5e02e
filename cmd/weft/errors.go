package main

import (
	"errors"
	"io/fs"
	"net"
	"net/url"
	"syscall"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/chain"
	"github.com/weftnet/weft/trainer/gossip"
	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/tokenizer"
	"github.com/weftnet/weft/trainer/worker"
	"github.com/weftnet/weft/x/round/protocol"
)

// remedies are what to do about errors that say it nowhere else.
var remedies = []struct {
	err  error
	code operror.Code
	fix  string
}{
	{worker.ErrNoRun, operror.User, "weft runs lists the runs"},
	{tokenizer.ErrNoTemplate, operror.User, "use records with prompt and completion, or another base"},
	{gossip.ErrNoHolder, operror.Network, "check that an attester of the run is running and can be reached"},
	{ckpt.ErrNotFound, operror.Network, "name another source, or wait until an attester offers it"},
	{ckpt.ErrDamaged, operror.Local, "delete the named file and fetch it again"},
	{fs.ErrNotExist, operror.User, "check the path"},
	{fs.ErrExist, operror.User, "remove it, or name another file"},
	{fs.ErrPermission, operror.Local, "check the file's permissions"},
	{syscall.ENOSPC, operror.Local, "free some disk space"},
	{syscall.ECONNREFUSED, operror.Network, "start the node, or name the address of one with --node"},
	{protocol.ErrInvalid, operror.Chain, "correct the value that is named"},
	{protocol.ErrPhase, operror.Chain, "wait for the phase that is named: weft status shows where the run stands"},
	{protocol.ErrDeadline, operror.Chain, "it is too late for this one; the next round comes by itself"},
	{protocol.ErrNotMember, operror.Chain, "weft why shows who had a part in the round"},
	{protocol.ErrDuplicate, operror.Chain, "nothing: it has been done"},
	{protocol.ErrFull, operror.Chain, "try again when there is room, or take another run: weft runs"},
	{protocol.ErrCooldown, operror.Chain, "wait until the time that is named"},
	{protocol.ErrStanding, operror.Chain, "weft register makes an account known; a jailed one waits for the end of its term"},
	{protocol.ErrEarly, operror.Chain, "try again at a later block"},
	{protocol.ErrNoQuorum, operror.Chain, "wait until attesters of two thirds of the weight agree"},
	{protocol.ErrClosed, operror.Chain, "weft runs lists the runs that take work"},
}

// cause gives the exit code and the remedy of an error that carries none.
func cause(err error) (operror.Code, string) {
	var tx *chain.TxError
	if errors.As(err, &tx) {
		switch {
		case tx.Funds():
			return operror.Chain, "send coins to the account first: weft send ADDRESS AMOUNT"
		case tx.Fee():
			return operror.Chain, "raise gas_prices in config.yaml"
		}
	}
	for _, r := range remedies {
		if errors.Is(err, r.err) {
			return r.code, r.fix
		}
	}
	var (
		dns   *net.DNSError
		dial  *net.OpError
		fetch *url.Error
	)
	switch {
	case tx != nil:
		return operror.Chain, "the chain's refusal says what it wants; weftd query shows its state"
	case grpcstatus.Code(err) == codes.NotFound:
		return operror.User, "check the name or the number: weft runs lists runs, weftd query model models the models"
	case errors.As(err, &dns), errors.As(err, &dial), errors.As(err, &fetch):
		return operror.Network, "check the address and the connection"
	}
	return operror.User, ""
}
