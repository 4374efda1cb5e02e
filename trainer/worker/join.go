package worker

import (
	"errors"
	"fmt"

	"github.com/weftnet/weft/trainer/operror"
	"github.com/weftnet/weft/trainer/status"
	"github.com/weftnet/weft/x/round/protocol"
)

// Joining says of a refusal to let an account into a run whether to wait for something, and for what, or to give up.
func Joining(err error, account string, run *protocol.Run, bond uint64) error {
	var funds *ErrFunds
	switch {
	case errors.As(err, &funds):
		return &Wait{Err: err, Why: fmt.Sprintf("the account cannot pay the bond of %s and fees", status.WEFT(bond)),
			Fix: fmt.Sprintf("send %s and a little more for fees to %s", status.WEFT(bond), account)}
	case errors.Is(err, protocol.ErrStanding):
		return &Wait{Err: err, Why: err.Error(), Fix: standing(account)}
	case errors.Is(err, protocol.ErrCooldown):
		return &Wait{Err: err, Why: err.Error(), Fix: "nothing: the worker tries again by itself"}
	case errors.Is(err, protocol.ErrFull):
		return &Wait{Err: err, Why: err.Error(), Fix: "wait for a place, or take part in another run: weft runs lists them"}
	case errors.Is(err, protocol.ErrClosed):
		return Fatal(&operror.Error{Op: "join run", Ref: fmt.Sprint(run.ID), Err: err, Hint: "weft runs lists the runs that take work",
			Code: operror.Chain})
	case errors.Is(err, protocol.ErrInvalid):
		return Fatal(&operror.Error{Op: "join run", Ref: fmt.Sprint(run.ID), Err: err,
			Hint: fmt.Sprintf("give --slots a number from 1 to %d", run.Spec.MaxSlots)})
	case errors.Is(err, protocol.ErrDuplicate):
		return nil // another machine with this key has joined for it in the meantime
	}
	return fmt.Errorf("join run %d: %w", run.ID, err)
}

// OtherRole refuses to let an account take both roles in a run.
func OtherRole(account string, run *protocol.Run, role string) error {
	return Fatal(&operror.Error{Op: "join run", Ref: fmt.Sprint(run.ID),
		Err:  fmt.Errorf("%s %ss in it, and an account has one role in a run", account, role),
		Hint: "use another account for the other role: weft init --home DIR makes one"})
}

// standing is what to do about an account that may not work yet.
func standing(account string) string {
	return "a jailed account waits for the end of its term; an attester's operator links it: weft link " + account + " --from OPERATOR"
}

// ErrEnded is returned by a worker that is started for a run in which nothing is left to do.
var ErrEnded = errors.New("the run has ended")

// RunsHint is what to do about it.
const RunsHint = "weft runs lists the runs that take work"
