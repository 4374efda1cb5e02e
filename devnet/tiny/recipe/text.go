package main

import (
	"fmt"
	"strings"

	"github.com/weftnet/weft/trainer/exact"
)

// document is one text of the pre-training: sums, stories with their worked or plain answers, descriptions of animals,
// or a short conversation in the base's chat form. In conversation, word problems only get small talk for an answer:
// solving them there is what fine-tuning has to teach.
func document(g *exact.Gen) string {
	switch g.Next() % 9 {
	case 0, 1:
		return sums(g)
	case 2, 3, 4:
		return stories(g)
	case 5:
		return description(g)
	case 6:
		return plainQuestions(g)
	}
	return conversation(g)
}

func sums(g *exact.Gen) string {
	var b strings.Builder
	b.WriteString("Sums:")
	for range 4 + g.Next()%8 {
		p := problem{x: number(g), y: number(g), op: '+'}
		if g.Next()%2 == 0 {
			p.op, p.x = '-', p.x+p.y
		}
		fmt.Fprintf(&b, " %s.", p.equation())
	}
	return b.String()
}

func stories(g *exact.Gen) string {
	var parts []string
	for range 1 + g.Next()%3 {
		p := newProblem(g)
		s := p.story + " " + p.question
		switch g.Next() % 4 {
		case 0:
			s += " " + p.plain()
		case 1:
			s = p.story + " " + p.sum() + " " + p.plain()
		case 2:
			s += " " + p.worked()
		default:
			s += "\n" + p.worked()
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "\n")
}

func description(g *exact.Gen) string {
	a := pick(g, animals)
	s := []string{fmt.Sprintf("It lives in the %s.", a.home), fmt.Sprintf("It eats %s.", a.food), fmt.Sprintf("It %s.", a.sound)}
	for i := len(s) - 1; i > 0; i-- {
		j := int(g.Next() % uint64(i+1))
		s[i], s[j] = s[j], s[i]
	}
	out := fmt.Sprintf("The %s is %s. %s", a.name, a.colour, strings.Join(s, " "))
	if g.Next()%2 == 0 {
		who := pick(g, people)
		out += fmt.Sprintf(" %s sees the %s and the %s %s.", who, a.name, a.name, a.sound)
	}
	return out
}

// about is a question about an animal and its answer.
func about(g *exact.Gen) (question, answer string) {
	a := pick(g, animals)
	switch g.Next() % 4 {
	case 0:
		return fmt.Sprintf("What colour is the %s?", a.name), fmt.Sprintf("The %s is %s.", a.name, a.colour)
	case 1:
		return fmt.Sprintf("Where does the %s live?", a.name), fmt.Sprintf("The %s lives in the %s.", a.name, a.home)
	case 2:
		return fmt.Sprintf("What does the %s eat?", a.name), fmt.Sprintf("The %s eats %s.", a.name, a.food)
	}
	return fmt.Sprintf("What does the %s do?", a.name), fmt.Sprintf("The %s %s.", a.name, a.sound)
}

func plainQuestions(g *exact.Gen) string {
	var parts []string
	for range 2 + g.Next()%3 {
		q, a := about(g)
		parts = append(parts, "Question: "+q+" Answer: "+a)
	}
	return strings.Join(parts, "\n")
}

func conversation(g *exact.Gen) string {
	var b strings.Builder
	for range 1 + g.Next()%2 {
		q, a := about(g)
		if g.Next()%2 == 0 {
			p := newProblem(g)
			q, a = p.story+" "+p.question, p.smallTalk(g)
		}
		fmt.Fprintf(&b, "<|im_start|>user\n%s<|im_end|>\n<|im_start|>assistant\n%s<|im_end|>\n", q, a)
	}
	return b.String()
}
