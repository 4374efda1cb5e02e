//go:build !amd64

package exact

// kernels lists what this processor can run.
func kernels(Numerics) []kernel { return []kernel{goKernel()} }
