package protocol

import (
	"testing"

	"github.com/weftnet/weft/ckpt/digest"
)

// TestKnownDigests pins the encodings: another implementation must get the
// same bytes, and a change here is a change of the protocol.
func TestKnownDigests(t *testing.T) {
	outcome := Outcome{
		Checkpoint: digest.Digest{1}, Size: 1000, AssignedTokens: 80,
		Contributions: []Contribution{{Trainer: "t1", Slot: 0, Delta: digest.Digest{2}, Steps: 4, Tokens: 40}},
	}
	for _, c := range []struct {
		name string
		got  digest.Digest
		want string
	}{
		{"root", outcome.Root(), "sha256-f575e58354250e03411959ebb0cb442825f99a1db3711311d7944524a0ad2fbd"},
		{"blind", Blind("v1", 1, 2, outcome.Checkpoint, outcome.Root()),
			"sha256-23cbb7612fd3e2ec3fef9022bc4613e8f50a0bfed2d7d81e8eaffe5438ffa5e6"},
		{"eval blind", EvalBlind("v1", 1, 2, outcome.Checkpoint, 1_500_000, 50),
			"sha256-ae4b6f09c95252ba7721fc9056313f0099e6e624751ca0acd61651cd5ecf91e5"},
		{"seed", Seed(1, 2, digest.Digest{3}), "sha256-90cfa562402f8a8633471c62285cd78c3d7257a920dad754435537afbd66e2c4"},
		{"spec", testSpec().Digest(), "sha256-d9af93ae067bb8e6434d494030c25ffd76c910c4989d9d78c178875111f9c5cf"},
	} {
		if c.got.String() != c.want {
			t.Errorf("%s is %s, wants %s", c.name, c.got, c.want)
		}
	}
}
