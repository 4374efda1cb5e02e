package protocol

import (
	"cmp"
	"slices"
	"strings"
)

// Lists are kept sorted by account bytes; these find an account's place.

func compareAccounts(a, b Account) int { return strings.Compare(string(a), string(b)) }

func findTrainer(list []Trainer, account Account) (int, bool) {
	return slices.BinarySearchFunc(list, account, func(t Trainer, a Account) int { return compareAccounts(t.Account, a) })
}

func findAttester(list []Attester, account Account) (int, bool) {
	return slices.BinarySearchFunc(list, account, func(t Attester, a Account) int { return compareAccounts(t.Account, a) })
}

func findSeat(list []Seat, account Account) (int, bool) {
	return slices.BinarySearchFunc(list, account, func(t Seat, a Account) int { return compareAccounts(t.Account, a) })
}

func findPart(list []Part, account Account) (int, bool) {
	return slices.BinarySearchFunc(list, account, func(t Part, a Account) int { return compareAccounts(t.Trainer, a) })
}

func findVote(list []Vote, account Account) (int, bool) {
	return slices.BinarySearchFunc(list, account, func(t Vote, a Account) int { return compareAccounts(t.Attester, a) })
}

func findDispute(list []Dispute, slot uint32) (int, bool) {
	return slices.BinarySearchFunc(list, slot, func(d Dispute, s uint32) int { return cmp.Compare(d.Slot, s) })
}

func findJudgement(list []Judgement, account Account) (int, bool) {
	return slices.BinarySearchFunc(list, account, func(j Judgement, a Account) int { return compareAccounts(j.Attester, a) })
}
