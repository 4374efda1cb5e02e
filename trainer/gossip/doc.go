// Package gossip is the network between workers: a libp2p host bound to an account, GossipSub for announcements and the
// pieces of delta bodies, and a stream protocol that serves any offered blob by its digest. Attesters form the mesh and
// listen; trainers only dial out to them. What is let in is judged by the chain, which the package sees through View.
package gossip
