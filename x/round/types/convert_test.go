package types_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/weftnet/weft/ckpt/digest"
	"github.com/weftnet/weft/x/round/protocol"
	"github.com/weftnet/weft/x/round/types"
)

// filler sets every field of a value, and of what it holds, to another value that is not zero.
type filler struct{ n int64 }

func filled[T any]() (v T) {
	(&filler{}).fill(reflect.ValueOf(&v).Elem())
	return v
}

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch v.Interface().(type) {
	case digest.Digest:
		v.Set(reflect.ValueOf(digest.Sum([]byte(fmt.Sprint(f.n)))))
		return
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(f.n, 0).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0))
		f.fill(v.Index(1))
	case reflect.String:
		v.SetString(fmt.Sprint("text ", f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(f.n)
	case reflect.Uint8:
		v.SetUint(uint64(f.n%255) + 1)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(f.n))
	default:
		panic("no value of " + v.Type().String())
	}
}

// match compares a message with the value that it was made of, field by field of the same name. Both have the same fields, but for those
// that are named.
func match(t *testing.T, path string, message, value reflect.Value, but ...string) {
	if value.Kind() == reflect.Slice {
		require.Equal(t, value.Len(), message.Len(), path)
		for i := range value.Len() {
			match(t, fmt.Sprintf("%s[%d]", path, i), message.Index(i), value.Index(i))
		}
		return
	}
	if value.Kind() != reflect.Struct || value.Type() == reflect.TypeFor[time.Time]() {
		require.Equal(t, plain(value), plain(message), path)
		return
	}
	fields := map[string]reflect.Value{}
	for i := range value.NumField() {
		fields[strings.ToLower(value.Type().Field(i).Name)] = value.Field(i)
	}
	for i := range message.NumField() {
		name := strings.Trim(message.Type().Field(i).Name, "_")
		field, found := fields[strings.ToLower(name)]
		if !found {
			require.Contains(t, but, name, "%s: the rules have no %s", path, name)
			require.False(t, message.Field(i).IsZero(), "%s.%s", path, name)
			continue
		}
		match(t, path+"."+name, message.Field(i), field)
		delete(fields, strings.ToLower(name))
	}
	require.Empty(t, fields, "%s: the message lacks them", path)
}

// plain is a value as messages and rules have it in common.
func plain(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case digest.Digest:
		return x.Text()
	case time.Time:
		return x
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int32, reflect.Int64:
		return v.Int()
	default:
		return int64(v.Uint())
	}
}

// roundTrip fills a value of the rules and checks that its message says everything it says, and gives it back.
func roundTrip[T, M any](t *testing.T, of func(T) M, back func(M) (T, error), but ...string) {
	value := filled[T]()
	name := reflect.TypeFor[T]().String()
	t.Run(name, func(t *testing.T) {
		message := of(value)
		match(t, name, reflect.ValueOf(message), reflect.ValueOf(value), but...)
		again, err := back(message)
		require.NoError(t, err)
		require.Equal(t, value, again)
	})
}

// What the rules know and what the chain stores and sends are the same: a field that a conversion forgets, or takes for another, is found.
func TestConversions(t *testing.T) {
	roundTrip(t, types.SpecOf, types.RunSpec.Protocol)
	roundTrip(t, func(r protocol.Run) types.Run { return types.RunOf(&r, time.Unix(1, 0), "fault", 1) }, types.Run.Protocol, "Wake", "Fault",
		"Pruned")
	roundTrip(t, func(r protocol.Round) types.Round { return types.RoundOf(&r) }, types.Round.Protocol)
	roundTrip(t, func(p protocol.Part) types.Part { return types.PartOf(&p) }, types.Part.Protocol)
	roundTrip(t, func(v protocol.Vote) types.Vote { return types.VoteOf(&v) }, types.Vote.Protocol)
	roundTrip(t, func(d protocol.Dispute) types.Dispute { return types.DisputeOf(&d) }, types.Dispute.Protocol)
	roundTrip(t, types.OutcomeOf, types.Outcome.Protocol)
	roundTrip(t, types.CommitOf, types.Commit.Protocol)
	roundTrip(t, types.RulingOf, types.Ruling.Protocol)
	roundTrip(t, func(f []protocol.Finding) []types.Finding { return types.FindingsOf(f) }, types.ParseFindings)
}

// A value that names nothing is an empty message, and comes back as it was.
func TestConversionsOfNothing(t *testing.T) {
	round := protocol.Round{}
	stored := types.RoundOf(&round)
	require.Empty(t, stored.Parent)
	again, err := stored.Protocol()
	require.NoError(t, err)
	require.Equal(t, round, again)
	for _, bad := range []string{"00", digest.Digest{}.String(), strings.ToUpper(digest.Sum(nil).String())} {
		_, err := types.Round{Parent: bad}.Protocol()
		require.ErrorIs(t, err, types.ErrInvalid, bad)
		require.ErrorContains(t, err, "parent")
	}
}
