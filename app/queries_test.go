package app_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/cosmos/cosmos-sdk/codec"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	modeltypes "github.com/weftnet/weft/x/model/types"
)

// question is a request, and the code that answers it.
type question struct {
	request string
	code    codes.Code
}

// questions are asked of a chain that has a model called red, which run 1 trains in its first round. They name each query of the four
// modules.
func questions(worker string) map[string][]question {
	const ok, missing, malformed = codes.OK, codes.NotFound, codes.InvalidArgument
	never, nobody := made("never").Text(), authtypes.NewModuleAddress(govtypes.ModuleName).String()
	list := func(of string) []question {
		return []question{
			{fmt.Sprintf(`{%s"pagination":{"limit":"5"}}`, of), ok},
			{fmt.Sprintf(`{%s"pagination":{"offset":"1","key":"AA=="}}`, of), malformed},
		}
	}
	params := []question{{`{}`, ok}}
	model := []question{{`{"model":"red"}`, ok}, {`{"model":"nothing"}`, missing}, {`{}`, missing}}
	round := []question{{`{"run":"1","round":"1"}`, ok}, {`{"run":"7","round":"1"}`, missing}, {`{"run":"1","round":"99"}`, missing},
		{`{}`, missing}}
	holding := []question{{fmt.Sprintf(`{"holder":%q,"model":"red"}`, worker), ok},
		{fmt.Sprintf(`{"holder":%q,"model":"nothing"}`, worker), missing}, {`{"holder":"x","model":"red"}`, malformed}}
	account := func(field string, unknown codes.Code) []question {
		return []question{
			{fmt.Sprintf(`{%q:%q}`, field, worker), ok}, {fmt.Sprintf(`{%q:%q}`, field, nobody), unknown},
			{fmt.Sprintf(`{%q:"weft1x"}`, field), malformed}, {`{}`, malformed},
		}
	}
	return map[string][]question{
		"model.Params":     params,
		"model.Model":      {{`{"name":"red"}`, ok}, {`{"name":"nothing"}`, missing}},
		"model.Models":     list(""),
		"model.Checkpoint": {{fmt.Sprintf(`{"digest":%q}`, never), missing}, {`{"digest":"00"}`, malformed}, {`{}`, malformed}},
		"model.Lineage": append([]question{{fmt.Sprintf(`{"model":"red","from":%q}`, never), missing},
			{`{"model":"red","from":"00"}`, malformed}}, model...),
		"model.Taints":   append(list(`"model":"red",`), model...),
		"model.Treasury": append(list(`"model":"red",`), model...),
		"model.Approval": {{fmt.Sprintf(`{"model":"red","spec":%q}`, never), ok},
			{fmt.Sprintf(`{"model":"nothing","spec":%q}`, never), missing}, {`{"model":"red","spec":"00"}`, malformed}},
		"round.Params":     params,
		"round.Run":        {{`{"run":"1"}`, ok}, {`{"run":"7"}`, missing}},
		"round.Runs":       list(""),
		"round.SpecDigest": {{`{"spec":{"model":"red"}}`, ok}, {`{"spec":{"tokens":"00"}}`, malformed}},
		"round.Round":      round,
		"round.Rounds":     append(list(`"run":"1",`), question{`{"run":"7"}`, missing}),
		"round.Part": {{fmt.Sprintf(`{"run":"1","round":"1","trainer":%q}`, worker), ok},
			{fmt.Sprintf(`{"run":"1","round":"1","trainer":%q}`, nobody), missing},
			{`{"run":"1","round":"1","trainer":"weft1x"}`, malformed}},
		"round.Parts":     round,
		"round.Votes":     round,
		"round.Disputes":  round,
		"round.Owed":      account("account", ok),
		"share.Params":    params,
		"share.Pool":      model,
		"share.Pools":     list(""),
		"share.Position":  holding,
		"share.Positions": account("holder", ok),
		"share.Claimable": holding,
		"worker.Worker":   account("address", missing),
		"worker.Workers":  list(""),
		"worker.WorkerByPeer": {{`{"peer_id":"12D3KooWGRUfKs6KAm5SjrcGSYyxEXGBCnhnAvJSWgBFNtXYTpmu"}`, missing},
			{`{"peer_id":"x"}`, malformed}, {`{}`, malformed}},
		"worker.WorkerByValidator": {{`{"validator":"weftvaloper1x"}`, malformed}, {`{}`, malformed}},
		"worker.Penalties":         {{`{}`, ok}, {fmt.Sprintf(`{"worker":%q}`, nobody), ok}, {`{"worker":"weft1x"}`, malformed}},
		"worker.Burned":            params,
		"worker.Bonds":             account("address", ok),
	}
}

// Every query says by its code what was wrong: what does not exist is not found, what cannot be meant is invalid. What people read of it
// names no place in the source.
func TestQueriesAnswerWithTheRightCode(t *testing.T) {
	r := newReplica(t)
	c := newCrowd(r.a)
	firstBlock(t, c, r.a)
	h := settle(t, c, newHistory(t, r.a, newEvents()))
	asked := questions(c.trainers[0].String())
	for _, method := range queryMethods(t) {
		name := strings.ReplaceAll(strings.TrimPrefix(string(method.FullName()), "weft."), ".v1.Query", "")
		require.NotEmpty(t, asked[name], "nobody asks %s", name)
		path := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
		for _, q := range asked[name] {
			req := reflect.New(proto.MessageType(string(method.Input().FullName())).Elem()).Interface().(codec.ProtoMarshaler)
			require.NoError(t, r.a.Codec.UnmarshalJSON([]byte(q.request), req), "%s %s", name, q.request)
			_, err := r.a.GRPCQueryRouter().Route(path)(h.ctx, &abci.RequestQuery{Path: path, Data: r.a.Codec.MustMarshal(req)})
			if s := status.Convert(err); s.Code() != q.code || strings.Contains(s.Message(), ".go:") {
				t.Errorf("%s %s: %s %q, want %s", name, q.request, s.Code(), s.Message(), q.code)
			}
		}
		delete(asked, name)
	}
	require.Empty(t, asked, "there is no such query")

	// The command line asks through CometBFT, which has codes of its own.
	req := r.a.Codec.MustMarshal(&modeltypes.QueryModelRequest{Name: "nothing"})
	res, err := r.a.Query(context.Background(), &abci.RequestQuery{Path: "/weft.model.v1.Query/Model", Data: req})
	require.NoError(t, err)
	require.Equal(t, sdkerrors.ErrKeyNotFound.ABCICode(), res.Code, res.Log)
	require.Equal(t, "nothing: no such model: key not found", res.Log)
}

func queryMethods(t *testing.T) (list []protoreflect.MethodDescriptor) {
	files, err := proto.MergedRegistry()
	require.NoError(t, err)
	for _, module := range []string{"model", "round", "share", "worker"} {
		d, err := files.FindDescriptorByName(protoreflect.FullName("weft." + module + ".v1.Query"))
		require.NoError(t, err)
		methods := d.(protoreflect.ServiceDescriptor).Methods()
		for i := range methods.Len() {
			list = append(list, methods.Get(i))
		}
	}
	return list
}
