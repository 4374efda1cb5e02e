// Package tiny holds the base that the demo and the tests fine-tune when no other is given: a Llama-family decoder of
// under a million parameters, its tokenizer and chat template, and the records of a task that it cannot do before
// fine-tuning. README.md says what they are and how the command in recipe/ makes them from nothing.
package tiny
