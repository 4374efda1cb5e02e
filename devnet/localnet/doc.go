// Package localnet is a whole Weft on one machine: validators inside the process, attesters beside them, trainers, a
// model and a run that governance opened. The demo and the network tests run it with the same worker types that
// separate processes run.
package localnet
