package network

import (
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Account is a key with a name.
type Account struct {
	// Name is the key's name in the keyrings of the nodes' client contexts.
	Name string
	// Key signs.
	Key *secp256k1.PrivKey
	// Coins is the genesis balance; nil means 1,000,000 whole coins.
	Coins sdk.Coins
}

// NewAccount returns the account whose key is derived from its name: the same name gives the same address in every run.
func NewAccount(name string) Account {
	return Account{Name: name, Key: secp256k1.GenPrivKeyFromSecret([]byte("weft test account " + name))}
}

// Address returns the account's address.
func (a Account) Address() sdk.AccAddress { return sdk.AccAddress(a.Key.PubKey().Address()) }

// ValAddress returns the address as a validator's operator.
func (a Account) ValAddress() sdk.ValAddress { return sdk.ValAddress(a.Key.PubKey().Address()) }

func (a Account) String() string { return a.Address().String() }

func (a Account) coins() sdk.Coins {
	if a.Coins != nil {
		return a.Coins
	}
	return sdk.NewCoins(whole(1_000_000))
}
