// Package home is a worker's folder: config.yaml, the keyring, the node key, the lock that keeps two processes from sharing
// it, and a client of the chain made of them.
package home
