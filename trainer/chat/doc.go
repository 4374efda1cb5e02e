// Package chat is a conversation with a base: prompts in ids, its template applied, stop texts, and answers that are shown as
// they are written. Evaluation, generation and servers use it; it knows no flags and no terminal.
package chat
