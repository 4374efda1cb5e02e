package digest_test

import (
	"strings"
	"testing"

	"github.com/weftnet/weft/ckpt/digest"
)

// FuzzParseText checks that ParseText is the strict inverse of Text: of all texts it accepts one for each digest.
func FuzzParseText(f *testing.F) {
	good := digest.Sum(nil).String()
	for _, s := range []string{good, "", digest.Digest{}.String(), good[7:], "sha256-", strings.ToUpper(good), good + "\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := digest.ParseText(s)
		if err == nil && d.Text() != s {
			t.Fatalf("%q was accepted as %q", s, d.Text())
		}
		if err != nil && !d.IsZero() {
			t.Fatalf("%q gives an error and the digest %s", s, d)
		}
	})
}

// TestText: what names something is text as everywhere, and what names nothing is left empty, in one way only.
func TestText(t *testing.T) {
	d := digest.Sum([]byte("weft"))
	if got, err := digest.ParseText(d.Text()); err != nil || got != d || d.Text() != d.String() {
		t.Errorf("%s became %s (%v)", d.Text(), got, err)
	}
	if got, err := digest.ParseText(""); err != nil || !got.IsZero() || got.Text() != "" {
		t.Errorf("nothing became %s (%v)", got, err)
	}
	if _, err := digest.ParseText(digest.Digest{}.String()); err == nil {
		t.Error("the zero digest has a second spelling")
	}
}
