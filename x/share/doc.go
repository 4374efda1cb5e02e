// Package share is the module that pays a model's revenue to those who hold its shares.
//
// A share of model m is a coin of denom share/m. Revenue deposited for m streams to its shares at a constant rate: whoever touches the pool
// first releases what has become free, by one addition to the pool's index; a holder is settled when its balance changes or when it claims.
// So a deposit and a claim cost the same however many rounds, deposits and holders there were, and a share held for one block earns one
// block's part.
package share
