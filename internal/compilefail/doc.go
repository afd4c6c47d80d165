// Package compilefail proves that the mistakes which a typed contract is there
// to prevent do not compile. Each directory of testdata is one program; a line
// that must not compile says so:
//
//	m.Oops() // ERROR "m.Oops undefined"
//
// The program called correct has none of the mistakes and must compile, so that
// a test which finds nothing but mistakes is not taken for a proof.
//
// There is nothing to import here. The test runs the go command, and waits for
// it.
package compilefail
