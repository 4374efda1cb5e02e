package localnet

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/ckpt/mem"
	"github.com/weftnet/weft/devnet/network"
	"github.com/weftnet/weft/trainer/checkpoint"
	"github.com/weftnet/weft/trainer/replay"
	"github.com/weftnet/weft/trainer/slot"
	"github.com/weftnet/weft/x/round/protocol"
)

// expected computes what a run of the options must come to, in one goroutine and without chain or network: the digests
// of the first checkpoint and of those of all rounds. Who is absent from a round contributes nothing to it, everybody
// else does all of the work.
func expected(t *testing.T, o Options, absent func(round uint64, worker string) bool) []digest.Digest {
	t.Helper()
	spec, store, w := o.Spec, mem.New(), o.Model.NewWork(o.Threads)
	spec.Model, spec.Tokens, spec.Eval = o.Name, o.TrainID, o.EvalID
	states, err := slot.OpenSnapshots(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	cp, err := checkpoint.Initial(store, o.Name, o.Base, o.Adapter, o.Model.Config)
	if err != nil {
		t.Fatal(err)
	}
	var accounts []network.Account
	for i := range o.Trainers {
		accounts = append(accounts, network.NewAccount(fmt.Sprintf("trainer%d", i)))
	}
	slices.SortFunc(accounts, func(a, b network.Account) int { return strings.Compare(a.String(), b.String()) })
	digests := []digest.Digest{cp.Digest}
	header := protocol.Round{Run: 1, Slots: uint32(o.Trainers)}
	for range spec.Rounds {
		header.Number++
		var cs []protocol.Contribution
		decoded := map[digest.Digest][]float32{}
		for i, account := range accounts {
			if absent != nil && absent(header.Number, account.Name) {
				continue
			}
			j := replay.NewJob(&spec, &header, uint32(i), cp, o.Train)
			out, err := slot.Run(context.Background(), w, j, states, store, func() time.Time { return time.Now().Add(time.Hour) }, nil)
			if err != nil {
				t.Fatal(err)
			}
			d := out.Commit.Body
			if decoded[d], err = checkpoint.CheckBody(&spec, cp, replay.FirstLeaf(cp), out.Commit, out.File); err != nil {
				t.Fatal(err)
			}
			cs = append(cs, protocol.Contribution{Trainer: protocol.Account(account.String()), Slot: uint32(i), Delta: out.Commit.Body,
				Steps: out.Commit.Steps, Tokens: j.Tokens(out.Commit.Steps)})
		}
		header.Cursor = header.Assignment(&spec).End()
		if cp, err = checkpoint.Fold(store, cp, &spec, 1, header.Number, cs, decoded); err != nil {
			t.Fatal(err)
		}
		digests = append(digests, cp.Digest)
	}
	return digests
}
