// Package e2e holds the black-box tests: they start the built binary as its
// users do and look at it from where its users are, in Chromium, in Node with
// the unmodified npm clients, and over the network.
//
//	make test                                  # everything, after building it
//	go test ./e2e -run TestConnected           # after make build
//
// In package chromium is the browser; in npm/ what comes from npm, and in
// npm/suite what the clients of ASP.NET Core SignalR must be able to do, in Node
// and in a page, and in npm/classic what those of jQuery SignalR 2 must, in a page;
// in cmd/ the programs that a test runs beside the binary. Package testhubs has
// a hub for everything that a client can do, which package testserver serves at home
// and cmd/testroom in a room at the edge.
//
//	PARTLINE_NPM_ONLY=upload go test ./e2e -run TestNPM_matrix -v  # some of npm/suite
//	PARTLINE_NPM_ONLY=state go test ./e2e -run TestClassic_matrix -v  # some of npm/classic
//
// TestScopes_matrix prints who hears whom in every scope. When a run ends, what all
// its servers have written, and their metrics, is looked through for secrets: a test
// that makes one says so with the function secret.
//
// The tests of the pages of 2014 read them from the documents that they were
// published in: PARTLINE_ORIGINALS names their folder.
package e2e
