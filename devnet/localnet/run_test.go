package localnet

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// A run of five rounds: everybody is paid, every checkpoint is on chain and evaluated, and the digests are those that
// one goroutine computes without any network on the portable kernel, whatever the validators, the kernel and the threads
// of the network.
func TestRun(t *testing.T) {
	reference := options(t, engine{kernel: "go", threads: 2})
	reference.Spec.Rounds = 5
	want := expected(t, reference, nil)
	require.Len(t, want, 6)
	for _, validators := range []int{1, 4} {
		t.Run(fmt.Sprintf("%d validators", validators), func(t *testing.T) {
			o := options(t, engine{})
			o.Validators, o.Spec.Rounds = validators, 5
			n, ctx := start(t, o)
			startAll(t, ctx, n.workers()...)
			waitAll(t, ctx, n)
			require.Zero(t, n.ended(t, ctx).Run.Skipped)
			n.paid(t, ctx, 1, 2, 3, 4, 5)
			require.Equal(t, want, n.lineage(t, ctx, true))
		})
	}
}
