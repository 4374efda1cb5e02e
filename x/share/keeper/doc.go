// Package keeper stores pools and positions, and keeps every position equal to the holder's bank balance.
package keeper
