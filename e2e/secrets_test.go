package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"partline.dev/internal/testkit/partline"
)

// What a server must never tell: the tickets, session tokens, tokens and keys of all
// tests. Those that a test has made are known to the letter; the rest by their form.
var secrets struct {
	mu    sync.Mutex // protects following
	known map[string]bool
}

// secret is text, which no server may tell from now on, also after its test.
func secret(text string) string {
	if len(text) < 16 {
		panic(fmt.Sprintf("%q is too short to be looked for", text))
	}
	secrets.mu.Lock()
	defer secrets.mu.Unlock()
	if secrets.known == nil {
		secrets.known = map[string]bool{}
	}
	secrets.known[text] = true
	return text
}

// secretForms are those of tickets and session tokens, API keys, JWTs, and of whatever
// is behind a word that names a credential.
var secretForms = map[string]*regexp.Regexp{
	"a ticket":        regexp.MustCompile(`\bpt1\.[0-9A-Za-z_-]{8,}`),
	"a session token": regexp.MustCompile(`\bps1\.[0-9A-Za-z_-]{8,}`),
	"an API key":      regexp.MustCompile(`\bak_[0-9A-Za-z_-]{43}\b`),
	"a JWT":           regexp.MustCompile(`\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.`),
	"a credential":    regexp.MustCompile(`(?i)(?:\baccess_token=|\bconnectionToken=|\bticket=|\bbearer )[0-9A-Za-z%._-]{16,}`),
	"a connection":    regexp.MustCompile(`/hubs/[a-z]+\?(?:\S*&)?id=[0-9A-Za-z_-]{16,}`),
}

// secretIn names a secret that is in text; empty: there is none.
func secretIn(text string) string {
	secrets.mu.Lock()
	known := slices.Collect(maps.Keys(secrets.known))
	secrets.mu.Unlock()
	for _, s := range known {
		if strings.Contains(text, s) {
			return fmt.Sprintf("a secret that a test has made, %.8s...", s)
		}
	}
	for what, form := range secretForms {
		if found := form.FindString(text); found != "" {
			return fmt.Sprintf("%s, %.24s...", what, found)
		}
	}
	return ""
}

// secretsTold reports whether a server of this run has told a secret, in what it
// wrote or in its metrics, and says which.
func secretsTold() (told bool) {
	count := 0
	for said := range partline.Said() {
		count += len(said.Text)
		for line := range strings.Lines(said.Text) {
			if what := secretIn(line); what != "" {
				told = true
				fmt.Fprintf(os.Stderr, "e2e: the server of %s has told %s\n\t%s", said.Test, what, line)
			}
		}
	}
	fmt.Fprintf(os.Stderr, "e2e: %d bytes of logs and metrics were looked through for %d secrets, and for what looks like one\n", count, len(secrets.known))
	return told
}
