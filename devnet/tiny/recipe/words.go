package main

import "github.com/weftnet/weft/trainer/exact"

// The world of the text: a few people, things that are counted, and animals with fixed properties.
var (
	people = []string{"Tom", "Mia", "Ben", "Ana", "Sam", "Eva", "Max", "Zoe"}
	things = []string{"apples", "books", "balls", "cups", "coins", "pens", "eggs", "cards", "shells", "keys"}
)

type animal struct{ name, colour, home, food, sound string }

var animals = []animal{
	{"frog", "green", "pond", "flies", "croaks"}, {"cow", "brown", "field", "grass", "moos"},
	{"cat", "black", "house", "fish", "purrs"}, {"dog", "brown", "house", "meat", "barks"},
	{"swan", "white", "lake", "plants", "hisses"}, {"fox", "red", "forest", "mice", "yelps"},
	{"pig", "pink", "farm", "corn", "grunts"}, {"duck", "yellow", "pond", "plants", "quacks"},
	{"mouse", "grey", "field", "corn", "squeaks"}, {"crow", "black", "forest", "seeds", "caws"},
	{"sheep", "white", "farm", "grass", "bleats"}, {"bear", "brown", "forest", "honey", "growls"},
}

// Addends are in smallest … largest.
const smallest, largest = 2, 12

func pick[T any](g *exact.Gen, from []T) T { return from[g.Next()%uint64(len(from))] }

func number(g *exact.Gen) int { return smallest + int(g.Next()%(largest-smallest+1)) }

// two are different people.
func two(g *exact.Gen) (a, b string) {
	i := g.Next() % uint64(len(people))
	j := (i + 1 + g.Next()%uint64(len(people)-1)) % uint64(len(people))
	return people[i], people[j]
}
