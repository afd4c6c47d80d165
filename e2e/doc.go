// Package e2e holds the black-box tests: they start the built binary as its
// users do and look at it from where its users are, in Chromium, in Node with
// the unmodified npm client, and over the network.
//
//	make test                                  # everything, after building it
//	go test ./e2e -run TestConnected           # after make build
//
// In package chromium is the browser; in npm/ what comes from npm; in cmd/ the
// programs that a test runs beside the binary.
package e2e
