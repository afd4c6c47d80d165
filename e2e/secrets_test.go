package e2e_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"partline.dev/internal/testkit/partline"
)

// What a server must never tell: the tickets, session and bearer tokens, keys and ids of
// pages and sessions of all tests. Those that a test has made are known to the letter; the rest by their form.
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
	secrets.known[secretPrefix.ReplaceAllString(text, "")] = true
	return text
}

// secretPrefix says what a secret is, and is none.
var secretPrefix = regexp.MustCompile(`^(?:pt1\.|ps1\.|ak_)`)

// secretForms are those of tickets and session tokens, API keys, JWTs, of whatever is
// behind a word that names a credential, and of what is longer than a server has names
// for, as signed texts are.
var secretForms = map[string]*regexp.Regexp{
	"a ticket":        regexp.MustCompile(`\bpt1\.[0-9A-Za-z_-]{8,}`),
	"a session token": regexp.MustCompile(`\bps1\.[0-9A-Za-z_-]{8,}`),
	"an API key":      regexp.MustCompile(`\bak_[0-9A-Za-z_-]{43}\b`),
	"a signed text":   regexp.MustCompile(`[0-9A-Za-z_-]{80,}`),
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

// secretsTold reports whether somebody has told a secret, and says which to w.
func secretsTold(all iter.Seq[partline.Output], w io.Writer) (told bool) {
	bytes := 0
	for said := range all {
		bytes += len(said.Text)
		for line := range strings.Lines(said.Text) {
			if what := secretIn(line); what != "" {
				told = true
				fmt.Fprintf(w, "e2e: the server of %s has told %s\n\t%s", said.Test, what, line)
			}
		}
	}
	secrets.mu.Lock()
	known := len(secrets.known)
	secrets.mu.Unlock()
	fmt.Fprintf(w, "e2e: %d bytes of logs and metrics were looked through for %d secrets, and for what looks like one\n", bytes, known)
	return told
}

// What would be found, and what is nobody's secret.
func TestSecrets_areFound(t *testing.T) {
	t.Parallel()
	made := strings.TrimPrefix(secret("pt1."+rand.Text()), "pt1.")
	for text, want := range map[string]bool{
		"token=" + made + "x":                                    true,
		"what=" + made[4:] + "x":                                 false,
		"what=" + strings.Repeat("Az0_", 20):                     true,
		`ticket="pt1.abcdefghij.xyz"`:                            true,
		"ps1.0123456789":                                         true,
		"Authorization: Bearer 0123456789abcdef":                 true,
		"GET /hubs/connected?id=0123456789abcdefghijkl HTTP/1.1": true,
		"GET /signalr/poll?transport=longPolling&connectionToken=0123456789abcdef%2Bx": true,
		"GET /hubs/connected?id=REDACTED&access_token=REDACTED":                        false,
		"key=" + keyContoso: false,
		`level=DEBUG msg="a link ended" connection=WmYNe12qA9dMESaOH4VGYw hub=connected`:     false,
		"the ticket has expired; a bearer token is wanted, ticket=, pt1. ps1. and ak_ begin": false,
	} {
		one := func(yield func(partline.Output) bool) {
			yield(partline.Output{Test: "a test", Text: "before\n" + text + "\nafter"})
		}
		var said strings.Builder
		if secretsTold(one, &said) != want || strings.Contains(said.String(), "has told") != want {
			t.Errorf("of %q it says %s", text, said.String())
		}
	}
}
