// Package share is the module that pays a model's revenue to those who hold its shares.
//
// A share of model m is a coin of denom share/m. Revenue deposited for m is spread over all its shares at that moment by one
// addition to the pool's index; a holder is settled when its balance changes or when it claims. So a deposit and a claim cost the
// same however many rounds, deposits and holders there were.
package share
