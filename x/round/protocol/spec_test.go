package protocol

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/weftnet/weft/ckpt/digest"
)

// TestSpecDigestCoversEveryField: a change of any field changes the digest, so
// a spec that was approved is the spec that is run.
func TestSpecDigestCoversEveryField(t *testing.T) {
	base := testSpec()
	seen := map[digest.Digest]string{base.Digest(): "nothing"}
	var visit func(v reflect.Value, path string)
	spec := base
	visit = func(v reflect.Value, path string) {
		if v.Kind() == reflect.Struct {
			for i := range v.NumField() {
				visit(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
			return
		}
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		switch v.Kind() {
		case reflect.Array:
			v.Index(0).SetUint(v.Index(0).Uint() ^ 1)
		case reflect.String:
			v.SetString(v.String() + "x")
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Int64:
			v.SetInt(v.Int() + 1)
		default:
			v.SetUint(v.Uint() + 1)
		}
		digest := spec.Digest()
		if other, same := seen[digest]; same {
			t.Errorf("changing %s gives the digest of changing %s", path, other)
		}
		seen[digest] = path
		v.Set(old)
	}
	visit(reflect.ValueOf(&spec).Elem(), "spec")
}

// TestSpecProblems: every problem is listed, not only the first.
func TestSpecProblems(t *testing.T) {
	good := testSpec()
	good.Eval = digest.Digest{}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	bad := good
	bad.Batch = 0
	bad.MinTrainers = 9
	bad.Numerics = "float64"
	bad.Split.Owner++
	bad.Budget = 1
	bad.Grace = time.Hour
	bad.Inner.Schedule = "sawtooth"
	text := strings.Join(bad.Problems(), "\n")
	for _, field := range []string{"batch", "min_trainers", "numerics", "split_trainers", "budget", "grace", "lr_scheduler"} {
		if !strings.Contains("\n"+text, "\n"+field) {
			t.Errorf("no problem of %s in:\n%s", field, text)
		}
	}
	if err := bad.Validate(); err == nil || err.Error() != text {
		t.Errorf("Validate says\n%v\nProblems says\n%s", err, text)
	}
	if n := len((RunSpec{}).Problems()); n < 18 {
		t.Errorf("the empty spec has only %d problems", n)
	}
}

func TestLossIsSFTOrAnExpression(t *testing.T) {
	for loss, want := range map[string]string{
		LossSFT:                  "",
		LossExpr + "mean(-logp)": "",
		LossExpr + strings.Repeat("1", MaxLossText):   "", // what it means is not the chain's business
		LossExpr + strings.Repeat("1", MaxLossText+1): "loss: the expression has 513 bytes, wants 1 to 512",
		"":                        `loss is "", wants "sft", or "expr:" and an expression`,
		"SFT":                     `loss is "SFT", wants "sft", or "expr:" and an expression`,
		"mean(-logp)":             `loss is "mean(-logp)", wants "sft", or "expr:" and an expression`,
		strings.Repeat("x", 999):  `loss is "` + strings.Repeat("x", 40) + `", wants "sft", or "expr:" and an expression`,
		LossExpr:                  "loss: the expression has 0 bytes, wants 1 to 512",
		LossExpr + "mean(\nlogp)": "loss: byte 6 of the expression is 0x0a, wants printable ASCII",
		LossExpr + "−logp":        "loss: byte 1 of the expression is 0xe2, wants printable ASCII",
		LossExpr + "logp\x7f":     "loss: byte 5 of the expression is 0x7f, wants printable ASCII",
	} {
		s := testSpec()
		s.Eval, s.Loss = digest.Digest{}, loss
		if got := strings.Join(s.Problems(), "\n"); got != want {
			t.Errorf("%q: problems %q, want %q", loss, got, want)
		}
	}
}

func TestSegmentLen(t *testing.T) {
	for h, want := range map[uint32]uint32{1: 1, 2: 2, 4: 2, 5: 3, 9: 3, 10: 4, 65536: 256} {
		if got := (RunSpec{InnerSteps: h}).SegmentLen(); got != want {
			t.Errorf("H=%d: %d, wants %d", h, got, want)
		}
	}
	if got := (RunSpec{InnerSteps: 9, Segment: 7}).SegmentLen(); got != 7 {
		t.Errorf("given segment: %d", got)
	}
}

// TestAssignment: every record of a round is dealt exactly once.
func TestAssignment(t *testing.T) {
	a := Assignment{Cursor: 100, Slots: 3, Steps: 4, Batch: 2}
	next := a.Cursor
	for slot := range a.Slots {
		for step := range a.Steps {
			for sequence := range a.Batch {
				if got := a.Index(slot, step, sequence); got != next {
					t.Fatalf("slot %d step %d sequence %d is record %d, wants %d", slot, step, sequence, got, next)
				}
				next++
			}
		}
	}
	if a.End() != next {
		t.Fatalf("the next round begins at %d, wants %d", a.End(), next)
	}
}

// The limits of a trace are those of the largest spec: no tree within them is deeper, and one leaf more would be.
func TestTraceLimits(t *testing.T) {
	spec := testSpec()
	spec.InnerSteps, spec.Segment, spec.EvalEvery = MaxSegments, 1, 1
	if err := spec.Validate(); err != nil || spec.Segments(spec.InnerSteps) != MaxSegments {
		t.Fatalf("%d segments: %v", spec.Segments(spec.InnerSteps), err)
	}
	leaves := make([]digest.Digest, MaxLeaves)
	longest := 0
	for i := range leaves {
		leaves[i] = digest.Digest{byte(i), byte(i >> 8)}
	}
	for _, i := range []int{0, 1, MaxLeaves / 2, MaxLeaves - 2, MaxLeaves - 1} {
		longest = max(longest, len(digest.MerkleProof(leaves, i)))
	}
	if longest != MaxPath {
		t.Errorf("the longest proof has %d digests, MaxPath is %d", longest, MaxPath)
	}
}
