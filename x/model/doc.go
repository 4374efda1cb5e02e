// Package model is the module that says what is trained: models, their lineages of checkpoints, and their treasuries.
//
// Only x/round appends checkpoints and spends treasuries; it does so through the keeper, after a governance vote and, for a treasury,
// with the owner's approval of the same run spec.
package model
