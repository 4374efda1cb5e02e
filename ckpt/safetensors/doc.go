// Package safetensors reads and writes the safetensors format (https://github.com/huggingface/safetensors): an 8-byte
// little-endian header length, a JSON header, and the tensors' bytes. Files are written canonically (sorted names, no
// spaces, header padded to 8 bytes with spaces, offsets without gaps), so equal tensors have equal digests.
package safetensors
