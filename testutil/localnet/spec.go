package localnet

import (
	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/x/round/protocol"
)

const nano = protocol.Nano

// DefaultSpec is trainer.DefaultSpec.
func DefaultSpec() protocol.RunSpec { return trainer.DefaultSpec() }
