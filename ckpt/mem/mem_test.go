package mem

import (
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/ckpt/ckpttest"
)

func TestConformance(t *testing.T) {
	ckpttest.Run(t, func(*testing.T) ckpt.Store { return New() }, nil)
}
