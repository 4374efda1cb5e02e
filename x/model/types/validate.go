package types

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/weftnet/weft/ckpt/digest"
)

const (
	maxRank = 1024
	maxURI  = 256
	// maxSize bounds a checkpoint's files: 1 TiB.
	maxSize = 1 << 40
	// maxShares is x/share's bound on a supply.
	maxShares = 1_000_000_000_000_000
)

var (
	nameRE    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$`)
	licenceRE = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$`)
)

// Targets are the projections that an adapter can have, sorted.
var Targets = []string{"down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"}

// Validate returns one error that lists everything wrong with the message.
func (m MsgCreateModel) Validate() error {
	p := problems{}
	p.account("owner", m.Owner)
	p.model(m.Name, m.Base, m.Tokenizer, m.Genesis, m.Licence, m.MetadataUri, m.MaxShares)
	p.adapter(m.Adapter)
	p.check(m.GenesisSize > 0 && m.GenesisSize <= maxSize, "genesis_size: %d, want 1 to %d", m.GenesisSize, uint64(maxSize))
	return p.err()
}

// ValidateURI checks a metadata URI.
func ValidateURI(uri string) error {
	p := problems{}
	p.uri(uri)
	return p.err()
}

// problems collects what is wrong.
type problems []string

func (p *problems) check(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return ErrInvalid.Wrap(strings.Join(p, "; "))
}

func (p *problems) account(field, bech string) {
	_, err := sdk.AccAddressFromBech32(bech)
	p.check(err == nil, "%s: %q is not an account", field, bech)
}

func (p *problems) digest(field, text string) {
	d, err := digest.Parse(text)
	if err != nil {
		*p = append(*p, fmt.Sprintf("%s: %s", field, err))
		return
	}
	p.check(!d.IsZero(), "%s: a digest of zeros names nothing", field)
}

func (p *problems) model(name, base, tokenizer, genesis, licence, uri string, shares uint64) {
	p.check(nameRE.MatchString(name), "name: %q, want 2 to 40 lower-case letters, digits and inner hyphens", name)
	p.digest("base", base)
	p.digest("tokenizer", tokenizer)
	p.digest("genesis", genesis)
	p.check(licenceRE.MatchString(licence), "licence: %q is not an SPDX identifier", licence)
	p.uri(uri)
	p.check(shares > 0 && shares <= maxShares, "max_shares: %d, want 1 to %d", shares, uint64(maxShares))
}

func (p *problems) uri(uri string) {
	ok := len(uri) <= maxURI && utf8.ValidString(uri) && !strings.ContainsFunc(uri, unicode.IsControl)
	p.check(ok, "metadata_uri: want at most %d bytes of printable text", maxURI)
}

func (p *problems) adapter(a AdapterSpec) {
	p.check(a.Rank >= 1 && a.Rank <= maxRank, "adapter rank: %d, want 1 to %d", a.Rank, maxRank)
	p.check(a.Alpha >= 1 && a.Alpha <= 16*maxRank, "adapter alpha: %d, want 1 to %d", a.Alpha, 16*maxRank)
	p.check(len(a.Targets) > 0, "adapter targets: none")
	for i, t := range a.Targets {
		p.check(slices.Contains(Targets, t), "adapter targets: %q is not one of %s", t, strings.Join(Targets, ", "))
		p.check(i == 0 || a.Targets[i-1] < t, "adapter targets: not sorted or twice at %q", t)
	}
}
