// Package e2e holds the black-box tests: they start the built binary as its
// users do and look at it from where its users are, in Chromium, in Node with
// the unmodified npm client, and over the network.
//
//	make test                                  # everything, after building it
//	go test ./e2e -run TestConnected           # after make build
//
// In package chromium is the browser; in npm/ what comes from npm, and in
// npm/suite what the npm clients must be able to do, in Node and in a page; in
// cmd/ the programs that a test runs beside the binary. Package testserver is a
// server with a hub for everything that a client can do.
//
//	PARTLINE_NPM_ONLY=upload go test ./e2e -run TestNPM_matrix -v  # some of npm/suite
package e2e
