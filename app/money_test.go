package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/app"
)

// conserved checks that every module account holds exactly what the module's books say, and every other invariant.
func conserved(t *testing.T, a *app.App) {
	t.Helper()
	ctx, err := a.CreateQueryContext(0, false)
	require.NoError(t, err)
	_, err = a.CheckBooks(ctx)
	require.NoError(t, err)
}
