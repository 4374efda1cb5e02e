// Package types holds the messages, queries, events and stored values of
// x/round, and the conversions between them and the values of
// x/round/protocol, where the rules are.
package types
