package gossip

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Secret is 32 bytes that only the owner of the node key can know, and always the same ones for a label.
func (h *Host) Secret(label string) ([32]byte, error) {
	key, err := h.o.Key.Raw()
	if err != nil {
		return [32]byte{}, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("weft/secret/1" + label))
	return [32]byte(mac.Sum(nil)), nil
}
