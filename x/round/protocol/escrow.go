package protocol

import "fmt"

// Escrow is the money of a run, in uweft. Free + Reserved + Owed + Refunded is
// always what came in (Spec.Budget): it only moves from one to another, and
// never more than there is.
type Escrow struct {
	Free     uint64 // buys further rounds
	Reserved uint64 // rewards of rounds that are not SETTLED
	Owed     uint64 // credited to accounts by SETTLED rounds, claimed or not
	Refunded uint64 // returned to the treasury
}

// Reserve sets the reward of a round aside.
func (e *Escrow) Reserve(amount uint64) error { return move(amount, &e.Free, &e.Reserved, "free") }

// Unreserve frees what a round did not pay.
func (e *Escrow) Unreserve(amount uint64) error {
	return move(amount, &e.Reserved, &e.Free, "reserved")
}

// Owe credits what a round reserved.
func (e *Escrow) Owe(amount uint64) error { return move(amount, &e.Reserved, &e.Owed, "reserved") }

// Refund gives back what buys no further round.
func (e *Escrow) Refund(amount uint64) error { return move(amount, &e.Free, &e.Refunded, "free") }

func move(amount uint64, from, to *uint64, what string) error {
	if amount > *from {
		return fmt.Errorf("escrow: %d wanted, %d are %s", amount, *from, what)
	}
	*from -= amount
	*to += amount
	return nil
}
