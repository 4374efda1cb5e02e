package app_test

import (
	"context"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"
)

// recorder keeps what CometBFT asked of an application, and the hash that it gave for each block.
type recorder struct {
	abci.Application

	mu     sync.Mutex
	init   *abci.RequestInitChain
	blocks []*abci.RequestFinalizeBlock
	hashes [][]byte
}

func (r *recorder) InitChain(ctx context.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.init = req
	return r.Application.InitChain(ctx, req)
}

func (r *recorder) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	res, err := r.Application.FinalizeBlock(ctx, req)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blocks, r.hashes = append(r.blocks, req), append(r.hashes, res.AppHash)
	return res, nil
}
