// Package types holds the state, messages and arithmetic of x/share. The arithmetic works on values and a time, and touches no store.
package types
