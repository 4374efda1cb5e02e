// Command recipe makes the tiny base and its fine-tuning data from nothing: it writes the text, learns the vocabulary,
// trains every parameter and writes the files that package tiny embeds. All arithmetic of the training is package
// exact's under exact-f32/1, and all randomness is one integer generator, so the files have the same bytes on every
// processor and under any number of threads.
//
//	go run ./devnet/tiny/recipe            (from the root of the repository)
package main
