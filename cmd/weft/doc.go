// Command weft is everything that trainers, model owners and holders do: one file per verb.
package main
