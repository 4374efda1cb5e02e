// Package worker is the module that says who takes part: accounts with node keys, their validators, and their bonds per run.
package worker
