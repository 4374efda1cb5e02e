package types

import (
	"fmt"
	"strconv"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/ckpt/digest"
)

// DefaultGenesis has no workers.
func DefaultGenesis() *GenesisState { return &GenesisState{} }

// Validate checks that no key, validator or bond occurs twice.
func (gs GenesisState) Validate() error {
	seen := map[string]bool{}
	once := func(kind, key string) error {
		if seen[kind+key] {
			return ErrGenesis.Wrapf("%s %s twice", kind, key)
		}
		seen[kind+key] = true
		return nil
	}
	for _, w := range gs.Workers {
		if err := w.validate(); err != nil {
			return err
		}
		if err := once("worker ", w.Address); err != nil {
			return err
		}
		if err := once("peer ", w.PeerId); err != nil {
			return err
		}
		if w.Validator == "" {
			continue
		}
		if err := once("validator ", w.Validator); err != nil {
			return err
		}
	}
	for _, e := range gs.Bonds {
		// A bond outlives nothing: only workers have bonds, and workers are never removed.
		if !seen["worker "+e.Worker] || e.Bond.Amount.Validate() != nil || !e.Bond.Amount.IsPositive() {
			return ErrGenesis.Wrapf("bond of %s in run %d", e.Worker, e.Run)
		}
		if err := once("bond ", e.Worker+" "+strconv.FormatUint(e.Run, 10)); err != nil {
			return err
		}
	}
	for _, p := range gs.Penalties {
		if !seen["worker "+p.Worker] || p.Amount.Validate() != nil || !p.Amount.IsPositive() {
			return ErrGenesis.Wrapf("slash of %s in run %d", p.Worker, p.Run)
		}
		if _, err := digest.ParseText(p.Evidence); err != nil {
			return ErrGenesis.Wrapf("slash of %s in run %d: evidence: %s", p.Worker, p.Run, err)
		}
		if _, err := sdk.AccAddressFromBech32(p.Finder); err != nil && p.Finder != "" {
			return ErrGenesis.Wrapf("slash of %s in run %d: finder %q", p.Worker, p.Run, p.Finder)
		}
		if err := once("slash ", fmt.Sprint(p.Worker, " ", p.Run, " ", p.Round)); err != nil {
			return err
		}
	}
	if err := sdk.Coins(gs.Burned).Validate(); err != nil {
		return ErrGenesis.Wrapf("burned: %s", err)
	}
	return nil
}

// Shift moves every time in the state by d: a chain that was stopped has lost that time, and nobody's deadline.
func (gs *GenesisState) Shift(d time.Duration) {
	shift := func(t *time.Time) {
		if t != nil {
			*t = t.Add(d)
		}
	}
	for i := range gs.Workers {
		shift(gs.Workers[i].JailedUntil)
	}
	for i := range gs.Bonds {
		shift(gs.Bonds[i].Bond.UnlockAt)
	}
	for i := range gs.Penalties {
		shift(gs.Penalties[i].ExecuteAt)
	}
}

func (w Worker) validate() error {
	if _, err := sdk.AccAddressFromBech32(w.Address); err != nil {
		return ErrGenesis.Wrapf("worker %q: %s", w.Address, err)
	}
	if id, err := peer.Decode(w.PeerId); err != nil || id.String() != w.PeerId {
		return ErrGenesis.Wrapf("worker %s: peer id %q", w.Address, w.PeerId)
	}
	if w.Validator != "" {
		if _, err := sdk.ValAddressFromBech32(w.Validator); err != nil {
			return ErrGenesis.Wrapf("worker %s: validator %q", w.Address, w.Validator)
		}
	}
	return ValidateAddrs(w.Addrs)
}
