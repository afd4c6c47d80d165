// Package arch holds the rules of ARCHITECTURE.md as tests: who may import what,
// and what the source must and must not contain. A test that fails names the
// rule and the reason.
//
//	go test ./internal/arch
package arch
