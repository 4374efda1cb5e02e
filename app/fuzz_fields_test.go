package app_test

import (
	"encoding/hex"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/weftnet/weft/app"
	modeltypes "github.com/weftnet/weft/x/model/types"
	"github.com/weftnet/weft/x/round/protocol"
	roundtypes "github.com/weftnet/weft/x/round/types"
	sharetypes "github.com/weftnet/weft/x/share/types"
	workertypes "github.com/weftnet/weft/x/worker/types"
)

// scribbler fills messages with values of the right types and, mostly, of no sense.
type scribbler struct{ *crowd }

// message is of any type.
func (s scribbler) message() sdk.Msg {
	m := read(s.registry.Resolve(pick(s.crowd, s.types)))
	s.fill(reflect.ValueOf(m).Elem())
	return m
}

// fill sets every field of a message, or of a part of one.
func (s scribbler) fill(v reflect.Value) {
	for i := range v.NumField() {
		s.set(v.Type().Field(i).Name, v.Field(i))
	}
}

// mutate sets one field of a message that somebody means.
func (s scribbler) mutate(m sdk.Msg) {
	v := reflect.ValueOf(m).Elem()
	i := s.IntN(v.NumField())
	s.set(v.Type().Field(i).Name, v.Field(i))
}

var (
	typeOfInt  = reflect.TypeFor[sdkmath.Int]()
	typeOfTime = reflect.TypeFor[time.Time]()
	typeOfCoin = reflect.TypeFor[sdk.Coin]()
)

func (s scribbler) set(name string, v reflect.Value) {
	switch v.Type() {
	case typeOfInt:
		v.Set(reflect.ValueOf(s.integer()))
		return
	case typeOfTime:
		v.Set(reflect.ValueOf(time.Unix(s.Int64N(1<<33), 0).UTC()))
		return
	case typeOfCoin:
		v.Set(reflect.ValueOf(sdk.Coin{Denom: s.denom(), Amount: s.integer()}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s.text(name))
	case reflect.Bool:
		v.SetBool(s.one(2))
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(s.number())
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(s.number()))
	case reflect.Struct:
		s.fill(v)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.set(name, v.Elem())
	case reflect.Slice:
		s.list(name, v)
	default:
		panic("no value for " + name + " of " + v.Type().String())
	}
}

func (s scribbler) list(name string, v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes(s.bytes())
		return
	}
	n := s.IntN(4)
	if s.one(40) {
		n = 300
	}
	list := reflect.MakeSlice(v.Type(), n, n)
	for i := range n {
		s.set(name, list.Index(i))
	}
	v.Set(list)
}

// number is small, or at an edge, or anything.
func (s scribbler) number() uint64 {
	switch s.IntN(8) {
	case 0:
		return pick(s.crowd, []uint64{math.MaxUint64, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt32,
			1 << 52, 1 << 20})
	case 1:
		return s.Uint64()
	default:
		return s.Uint64N(5)
	}
}

func (s scribbler) integer() sdkmath.Int {
	top := sdkmath.NewIntFromUint64(math.MaxUint64)
	huge := top.Mul(top).Mul(top).Mul(sdkmath.NewIntFromUint64(1 << 63)) // just below 2^255
	switch s.IntN(9) {
	case 0:
		return huge
	case 1:
		return huge.MulRaw(2)
	case 2:
		return sdkmath.NewInt(-1 - s.Int64N(9))
	case 3:
		return sdkmath.Int{}
	case 4:
		return sdkmath.ZeroInt()
	case 5:
		return sdkmath.NewIntFromUint64(s.Uint64())
	default:
		return sdkmath.NewInt(s.Int64N(3_000_000))
	}
}

func (s scribbler) bytes() []byte {
	switch n := pick(s.crowd, []int{0, 31, 32, 32, 32, 33, 300}); {
	case n == 32 && s.one(4):
		return make([]byte, 32)
	default:
		out := make([]byte, n)
		for i := range out {
			out[i] = byte(s.IntN(256))
		}
		return out
	}
}

// digest is the text form of one, or of something that is none.
func (s scribbler) digest() string {
	d := "sha256-" + hex.EncodeToString(s.bytes())
	if s.one(20) {
		return strings.ToUpper(d)
	}
	return d
}

var garbage = []string{"", "x", "weft1", "cosmos1depk54cuajgkzea6zpgkq36tnjwdzv4afc3d27", "\x00", strings.Repeat("w", 5000),
	"weft1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq8rwy6s", "\xff\xfe", "ſhare/red"}

// text suits the field's name, mostly.
func (s scribbler) text(field string) string {
	if s.one(12) {
		return pick(s.crowd, garbage)
	}
	switch field {
	case "Model", "Name":
		return pick(s.crowd, append([]string{"a-new-one", "Not A Name"}, modelNames...))
	case "Operator", "Validator":
		return s.maybeUpper(pick(s.crowd, s.operators).ValAddress().String())
	case "Denom":
		return s.denom()
	case "Loss", "Numerics", "Codec", "Schedule", "Licence", "Targets", "MetadataUri":
		return pick(s.crowd, []string{protocol.LossSFT, "expr:x", protocol.NumericsF32, protocol.CodecQ4, protocol.ScheduleConstant, "MIT",
			"q_proj", "k_proj"})
	case "Base", "Tokenizer", "Genesis", "Spec", "Tokens", "Eval", "SaltCommit", "Blind", "Salt", "Work", "Committed", "Path",
		"Checkpoint", "Delta", "Leaf", "Snapshots", "Body", "Trace":
		return s.digest()
	case "Authority":
		return pick(s.crowd, []string{govAddress, govAddress, s.anybody()})
	default:
		return s.address()
	}
}

var moduleNames = []string{roundtypes.ModuleName, workertypes.ModuleName, modeltypes.ModuleName, sharetypes.ModuleName, "gov",
	"distribution", "fee_collector", "mint"}

func (s scribbler) address() string {
	switch s.IntN(12) {
	case 0:
		return authtypes.NewModuleAddress(pick(s.crowd, moduleNames)).String()
	case 1:
		return pick(s.crowd, s.operators).ValAddress().String()
	case 2:
		return sdk.AccAddress(s.bytes()).String() // also of odd lengths
	default:
		return s.maybeUpper(s.anybody())
	}
}

func (s scribbler) maybeUpper(a string) string {
	if s.one(10) {
		return strings.ToUpper(a)
	}
	return a
}

func (s scribbler) denom() string {
	return pick(s.crowd, slices.Concat(garbage[:2], []string{app.BondDenom, app.BondDenom, app.BondDenom, "share/red", "share/green",
		"share/nothing", "share/", "uatom", "UWEFT"}))
}
