package exact

//go:generate go run ./gen -out kern_amd64.s -stubs kern_amd64.go -pkg exact
