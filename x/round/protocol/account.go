package protocol

// Account names a worker: bech32 text on the chain, any plain name in tests.
type Account string
