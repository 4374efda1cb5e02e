// Package keeper stores runs and rounds and puts the rules of
// x/round/protocol to work on them: it decodes a message, loads what the rule
// needs, calls it, stores the result, carries out its effects and tells them
// as events. There are no rules here.
package keeper
