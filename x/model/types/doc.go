// Package types holds the state and messages of x/model and the rules that work on values alone.
package types
