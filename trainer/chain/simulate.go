package chain

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	rpcclient "github.com/cometbft/cometbft/rpc/client"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// simulate asks the node what gas the messages would use. It asks the application itself: the service that the SDK has for
// this keeps only the text of a refusal, and not its code.
func (c *Client) simulate(ctx context.Context, f tx.Factory, msgs []sdk.Msg) (uint64, error) {
	node, ok := c.cc.Client.(rpcclient.ABCIClient)
	if !ok {
		return 0, errors.New("this client cannot ask a node to simulate")
	}
	raw, err := f.BuildSimTx(msgs...)
	if err != nil {
		return 0, err
	}
	res, err := node.ABCIQuery(ctx, "/app/simulate", raw)
	if err != nil {
		return 0, err
	}
	if r := res.Response; r.Code != 0 {
		return 0, &TxError{r.Codespace, r.Code, r.Log}
	}
	var simulated sdk.SimulationResponse
	if err := c.cc.Codec.UnmarshalJSON(res.Response.Value, &simulated); err != nil {
		return 0, fmt.Errorf("simulation: %w", err)
	}
	return uint64(f.GasAdjustment() * float64(simulated.GasUsed)), nil
}

// wrapping is what nodes put before a refusal: how they came to it.
var wrapping = regexp.MustCompile(`^(failed to simulate tx: )?(failed to execute message; message index: \d+: )?`)

func forPeople(log string) string { return wrapping.ReplaceAllString(log, "") }
