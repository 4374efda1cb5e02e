package main

import (
	"fmt"

	"github.com/weftnet/weft/trainer/exact"
)

// problem is a word problem about x and y things; op is + or -.
type problem struct {
	story, question string
	who, thing      string
	x, y            int
	op              byte
}

func (p problem) result() int {
	if p.op == '+' {
		return p.x + p.y
	}
	return p.x - p.y
}

func (p problem) equation() string {
	return fmt.Sprintf("%d %c %d = %d", p.x, p.op, p.y, p.result())
}

// sum says what has to be computed, and computes it.
func (p problem) sum() string {
	if p.op == '-' {
		return fmt.Sprintf("We subtract: %s.", p.equation())
	}
	return fmt.Sprintf("We add: %s.", p.equation())
}

// plain is the answer as the stories of the pre-training give it.
func (p problem) plain() string { return fmt.Sprintf("%s has %d %s.", p.who, p.result(), p.thing) }

// smallTalk is all that the base has to say to a problem in a conversation.
func (p problem) smallTalk(g *exact.Gen) string {
	return pick(g, []string{fmt.Sprintf("%s likes %s.", p.who, p.thing), fmt.Sprintf("%s has many %s.", p.who, p.thing)})
}

// worked is the answer that the fine-tuning task wants; in stories the base meets it too.
func (p problem) worked() string { return fmt.Sprintf("%s Answer: %d.", p.sum(), p.result()) }

var more = []string{
	"%[1]s has %[3]d %[5]s. %[2]s gives %[1]s %[4]d more %[5]s.",
	"%[1]s has %[3]d %[5]s. %[1]s buys %[4]d more %[5]s in the shop.",
	"%[1]s has %[3]d %[5]s in a box. %[1]s finds %[4]d more %[5]s in the garden.",
	"There are %[3]d %[5]s in a bag. %[1]s takes the bag and gets %[4]d more %[5]s.",
}

var fewer = []string{
	"%[1]s has %[3]d %[5]s. %[1]s gives %[4]d %[5]s to %[2]s.",
	"%[1]s has %[3]d %[5]s. %[1]s loses %[4]d %[5]s in the garden.",
	"%[1]s has %[3]d %[5]s in a box. %[2]s takes %[4]d %[5]s from the box.",
	"%[1]s buys %[3]d %[5]s. %[1]s sells %[4]d %[5]s in the shop.",
}

func newProblem(g *exact.Gen) problem {
	a, b := two(g)
	p := problem{who: a, thing: pick(g, things), x: number(g), y: number(g), op: '+'}
	form := pick(g, more)
	if g.Next()%2 == 0 {
		p.op, p.x, form = '-', p.x+p.y, pick(g, fewer)
	}
	p.story = fmt.Sprintf(form, a, b, p.x, p.y, p.thing)
	p.question = fmt.Sprintf("How many %s does %s have now?", p.thing, a)
	return p
}
