package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
)

// classicPlace is one place of the matrix, as the suites of npm/classic take it.
type classicPlace struct {
	Base      string `json:"base"`     // of the test server
	Control   string `json:"control"`  // the npmSite
	Blocking  string `json:"blocking"` // the test server, without the transports that are tried before
	Client    string `json:"client"`
	Transport string `json:"transport"`
}

// TestClassic_matrix runs the suites of npm/classic over the unmodified npm clients
// in a page of another site, over every transport, and prints what became of every
// test in every place.
func TestClassic_matrix(t *testing.T) {
	t.Parallel()
	only := os.Getenv("PARTLINE_NPM_ONLY") // a part of a test's name, when one is looked into
	table := matrix{title: "the classic npm client"}
	t.Run("in", func(t *testing.T) {
		for _, c := range classicClients {
			var before []string
			for _, transport := range classicTransports {
				column, blocked := table.column("signalr", c.version, transport.server), before
				before = append(slices.Clip(before), transport.client)
				t.Run(c.version+" "+transport.client, func(t *testing.T) {
					t.Parallel()
					n := newNPMSite(t)
					base := startTestServer(t, n)
					outcomes := classicSuites(t, n, c, classicPlace{
						Base: base, Control: n.origin, Blocking: refusingProxy(t, base, blocked...),
						Client: c.version, Transport: transport.client,
					}, only)
					table.fill(column, outcomes)
					if len(outcomes) == 0 {
						t.Error("no test ran")
					}
					for _, o := range outcomes {
						if o.Outcome != "ok" && (o.Outcome != "not" || o.Text == "") {
							t.Errorf("%s: %s", o.Name, o.Text)
						}
					}
				})
			}
		}
	})
	table.print(t)
}

// classicSuites runs the suites in a page.
func classicSuites(t *testing.T, n *npmSite, c classicClient, at classicPlace, only string) (outcomes []outcome) {
	t.Helper()
	page := chromium.Start(t, nil).Open(classicPageAt(n, c, at.Base, "suite.mjs"))
	page.Wait("the suites", `window.tell && window.run`)
	argument, err := json.Marshal(at)
	if err != nil {
		t.Fatal(err)
	}
	n.hear(t, page, fmt.Sprintf(`run(%s, %q)`, argument, only), cellGuard, &outcomes)
	return outcomes
}

// hear has a page of the site do something that takes long, and reads what it says
// at the end.
func (n *npmSite) hear(t *testing.T, page *chromium.Page, what string, guard time.Duration, report any) {
	t.Helper()
	page.Run("tell(" + what + "); 0")
	select {
	case said := <-n.said:
		if err := json.Unmarshal(said, report); err != nil {
			t.Fatalf("%q: %v", said, err)
		}
	case <-time.After(guard):
		t.Fatalf("the page says nothing; it has met %q", page.Complaints())
	}
}
