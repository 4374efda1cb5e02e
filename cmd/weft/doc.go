// Command weft is everything that trainers, model owners and holders do. A file holds a verb, or verbs that belong together:
// flags, what is refused, and what is told, whose types docs/json.md is made of. Package home has keys and configuration,
// package out prints.
package main
