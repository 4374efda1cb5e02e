package ckpt

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/weftnet/weft/ckpt/digest"
)

// ClaimsFile is the name of the file in a lineage folder that repeats what the chain says of its checkpoints.
const ClaimsFile = "chain.json"

// Claims are what the chain said of a lineage when the folder was written. No digest covers them: they are for people and
// model cards, and the chain is who knows.
type Claims struct {
	Best        *digest.Digest        `json:"best"`                // null: nothing was evaluated
	BaseName    string                `json:"base_name,omitempty"` // a name or folder under which the base can be loaded
	Checkpoints map[digest.Digest]Say `json:"checkpoints"`
}

// Say is what the chain says of a checkpoint.
type Say struct {
	MicroNats *uint64        `json:"micro_nats"` // evaluation per answer token; null: none
	Tokens    uint64         `json:"tokens,omitempty"`
	TaintedBy *digest.Digest `json:"tainted_by,omitempty"`
	Numerics  string         `json:"numerics,omitempty"` // of the run that made it
}

// WriteClaims writes a lineage folder's claims.
func WriteClaims(dir string, c Claims) error {
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, ClaimsFile), append(raw, '\n'), 0o644)
}

// ReadClaims reads a lineage folder's claims; none are no error.
func ReadClaims(dir string) (c Claims, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, ClaimsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(raw, &c)
}
