package named

import "testing"

// Whoever follows a path in the documentation gets there.
func TestPathsExist(t *testing.T) {
	for _, m := range Missing(t, "../..") {
		t.Error(m)
	}
}
