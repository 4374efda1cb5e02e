package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"cosmossdk.io/log/v2"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/telemetry"
	"github.com/cosmos/cosmos-sdk/x/upgrade/plan"
)

// What the stand-ins of replace/ lack is refused with what to do instead.
func TestStandInsRefuseWhatTheyLack(t *testing.T) {
	dir := t.TempDir()
	_, err := dbm.NewDB("application", dbm.PebbleDBBackend, dir)
	require.ErrorContains(t, err, `set app-db-backend to "goleveldb"`)

	url := "https://example.org/weftd?checksum=sha256:00"
	_, err = plan.DownloadURL(url)
	require.ErrorContains(t, err, "pass --no-validate")
	require.ErrorContains(t, plan.DownloadUpgrade(dir, url, "weftd"), "pass --no-validate")

	config := filepath.Join(dir, "otel.yaml")
	require.NoError(t, os.WriteFile(config, nil, 0o600))
	require.NoError(t, telemetry.InitializeOpenTelemetry(config), "a node writes an empty one")
	require.NoError(t, os.WriteFile(config, []byte("file_format: '1.0'"), 0o600))
	require.ErrorContains(t, telemetry.InitializeOpenTelemetry(config), "leave otel.yaml empty")
}

// The logger writes through one of them.
func TestLoggerWritesJSON(t *testing.T) {
	var out bytes.Buffer
	log.NewLogger(&out, log.OutputJSONOption()).Error("halted", "err", errors.New("no <disk>"), "list", []int{1})
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line), out.String())
	require.Equal(t, "halted", line["message"])
	require.Equal(t, "no <disk>", line["err"])
	require.Equal(t, []any{1.0}, line["list"])
}
