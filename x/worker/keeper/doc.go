// Package keeper stores workers and bonds.
package keeper
