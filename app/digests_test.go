package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/cosmos/gogoproto/proto"
)

// Whatever Weft's modules take, store, answer and tell is text, numbers and times: so a digest has one spelling, sha256-…, in
// commands, JSON, events and proposals. Bytes, which JSON writes in base64 and commands read in hex, are the signed envelopes alone.
func TestDigestsAreText(t *testing.T) {
	var found []string
	files, err := proto.MergedRegistry()
	require.NoError(t, err)
	files.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(f.Package()), "weft.") {
			for i := range f.Messages().Len() {
				found = append(found, bytesOf(f.Messages().Get(i))...)
			}
		}
		return true
	})
	slices.Sort(found)
	require.Equal(t, []string{
		"weft.worker.v1.MsgRegister.envelope", "weft.worker.v1.MsgRotateKey.envelope", "weft.worker.v1.MsgUpdateAddrs.envelope",
	}, found)
}

// bytesOf names the fields of bytes of a message and of those within it.
func bytesOf(m protoreflect.MessageDescriptor) (names []string) {
	for i := range m.Fields().Len() {
		if f := m.Fields().Get(i); f.Kind() == protoreflect.BytesKind {
			names = append(names, string(f.FullName()))
		}
	}
	for i := range m.Messages().Len() {
		names = append(names, bytesOf(m.Messages().Get(i))...)
	}
	return names
}
