// Package types holds the state and messages of x/worker, and Binding, which a node key signs to belong to an account.
package types
