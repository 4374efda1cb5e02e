package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cosmossdk.io/log/v2"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
)

// A node whose owner wants it serves the document of its REST queries, which has every query of our modules.
func TestSwagger(t *testing.T) {
	require.Equal(t, http.StatusNotFound, swagger(t, false).Code)
	res := swagger(t, true)
	require.Equal(t, http.StatusOK, res.Code)
	require.Equal(t, "application/json", res.Header().Get("Content-Type"))
	var document struct {
		Swagger     string
		Definitions map[string]any
		Paths       map[string]map[string]struct{ OperationID string }
	}
	require.NoError(t, json.Unmarshal(res.Body.Bytes(), &document))
	require.Equal(t, "2.0", document.Swagger)
	require.NotEmpty(t, document.Definitions)
	described := map[string]int{}
	for path, operations := range document.Paths {
		for _, o := range operations {
			module, _, _ := strings.Cut(o.OperationID, "_")
			require.True(t, strings.HasPrefix(path, "/weft/"+module+"/v1/"), path)
			described[o.OperationID]++
		}
	}
	want := map[string]int{}
	for _, m := range queryMethods(t) {
		want[fmt.Sprintf("%s_%s", strings.Split(string(m.FullName()), ".")[1], m.Name())] = 1
	}
	require.Equal(t, want, described, "make proto")
}

// swagger asks a node's API for the document.
func swagger(t *testing.T, on bool) *httptest.ResponseRecorder {
	a := newReplica(t).a
	s := api.New(client.Context{}.WithCodec(a.Codec).WithInterfaceRegistry(a.Registry), log.NewNopLogger(), nil)
	a.RegisterAPIRoutes(s, serverconfig.APIConfig{Swagger: on})
	res := httptest.NewRecorder()
	s.Router.ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/swagger/", nil))
	return res
}
