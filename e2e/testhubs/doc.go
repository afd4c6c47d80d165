// Package testhubs is the server's half of the hubs of package testhub: everything
// that a client can do with a hub, for tests. It knows no address and no network, so
// package testserver mounts them at home, and cmd/testroom in a room at the edge.
//
//	mounts := []*hub.Mux{testhubs.New(), testhubs.NewAuthorized()}
//
// Concurrency: as of any hub. Its streams use timers of Go's, on purpose: a room takes
// them, too, and stays in memory for as long as one runs.
package testhubs
