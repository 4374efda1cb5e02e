package app

// Options are what New asks for of a node's settings, by the names of its flags.
type Options map[string]any

// Get implements servertypes.AppOptions.
func (o Options) Get(name string) any { return o[name] }
