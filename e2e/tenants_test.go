package e2e_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"partline.dev/internal/testkit/partline"
)

// documentedTenants is a file that holds the n-th of docs/tenants.md.
func documentedTenants(t *testing.T, n int) string {
	t.Helper()
	page, err := os.ReadFile("../docs/tenants.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "\n```yaml\n")
	for ; ok && n > 0; n-- {
		_, rest, ok = strings.Cut(rest, "\n```yaml\n")
	}
	text, _, closed := strings.Cut(rest, "\n```\n")
	if !ok || !closed {
		t.Fatal("docs/tenants.md shows no such file")
	}
	path := filepath.Join(t.TempDir(), "tenants.yaml")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// output is what the binary says on both outputs, and whether it succeeded.
func output(t *testing.T, args ...string) (out, problem string, ok bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir = t.TempDir()
	var outs, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &outs, &errs
	err := cmd.Run()
	return outs.String(), errs.String(), err == nil
}

func TestTenants_check(t *testing.T) {
	t.Parallel()
	file := documentedTenants(t, 0)
	out, problem, ok := output(t, "tenants", "check", file)
	if !ok || problem != "" {
		t.Fatalf("%s%s", out, problem)
	}
	for _, want := range []string{
		"contoso\n  may be shown by pages of: https://contoso.sharepoint.com\n  guests: whoever says a nickname\n",
		"  tenant: users\n  world: nobody\n  embed keys: 1\nfabrikam\n",
		"  guests: nobody comes in without a ticket or a token\n", "  embed keys: 1\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q but\n%s", want, out)
		}
	}
}

// A file with mistakes is told line by line, and keeps the server from starting.
func TestTenants_mistakesAreNamedByLine(t *testing.T) {
	t.Parallel()
	file := documentedTenants(t, 0)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.NewReplacer("https://contoso.sharepoint.com", "contoso.sharepoint.com", "named", "anyone", "embed-keys", "embedkeys").Replace(string(text))
	if err := os.WriteFile(file, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	want := file + `:3: "contoso.sharepoint.com" is no site: it does not begin with https://` + "\n" +
		file + `:4: guests cannot be "anyone"; there are nobody, named and anybody` + "\n" +
		file + `:6: the tenant contoso has no "embedkeys"; did you mean embed-keys?` + "\n" +
		file + `:9: the tenant fabrikam has no "embedkeys"; did you mean embed-keys?` + "\n"
	for _, args := range [][]string{{"tenants", "check", file}, {"serve", "--addr", "localhost:0", "--tenants", file}} {
		out, problem, ok := output(t, args...)
		if ok || out != "" || !strings.Contains(problem, want) || strings.Contains(problem, "panic") {
			t.Errorf("%q: it does not say\n%s but\n%s%s", args, want, out, problem)
		}
	}
	if _, problem, ok := output(t, "tenants", "check", file+".none"); ok || !strings.Contains(problem, "no such file") {
		t.Errorf("of a file that is not there it says %q", problem)
	}
}

// What api-key and embed-key print is what a file takes.
func TestTenants_keys(t *testing.T) {
	t.Parallel()
	key, _, ok := output(t, "embed-key")
	if !ok || !regexp.MustCompile(`^ek_[0-9A-Za-z_-]{22}\n$`).MatchString(key) {
		t.Fatalf("embed-key prints %q", key)
	}
	for _, name := range []string{"intranet", "the old, slow one"} {
		out, problem, ok := output(t, "api-key", "--name", name)
		lines := strings.Split(out, "\n")
		if !ok || problem != "" || len(lines) != 5 || !regexp.MustCompile(`^ak_[0-9A-Za-z_-]{43}$`).MatchString(lines[1]) {
			t.Fatalf("api-key prints\n%s%s", out, problem)
		}
		file := filepath.Join(t.TempDir(), "tenants.yaml")
		text := "tenants:\n  contoso:\n    embed-keys: " + key + "    api-keys:\n    " + lines[3] + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, problem, ok = output(t, "tenants", "check", file)
		if !ok || !strings.Contains(out, "embed keys: 1\n") || !strings.Contains(out, name) || strings.Contains(out, lines[1]) {
			t.Errorf("with\n%sit says\n%s%s", text, out, problem)
		}
	}
	if _, problem, ok := output(t, "api-key", "--name", "a\nb"); ok || !strings.Contains(problem, "cannot be the name of a key") {
		t.Errorf("of a name with a line in it: %s", problem)
	}
}

// negotiatedWith is how s answers a negotiation with that body.
func negotiatedWith(t *testing.T, s *partline.Server, body string) (status int, answer struct {
	ConnectionToken, Code string
	Access                struct {
		You    struct{ ID, Name string }
		Scope  string
		Place  string
		Scopes []string
	}
}) {
	t.Helper()
	r, err := once.Post(s.URL+"/hubs/connected/negotiate?negotiateVersion=1", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		t.Fatalf("%s: %v", r.Status, err)
	}
	if answer.ConnectionToken != "" {
		secret(answer.ConnectionToken)
	}
	return r.StatusCode, answer
}

// A ticket of the command line lets in whom it names, once, at any server with the
// same keys.
func TestTicket_ofTheCommandLine(t *testing.T) {
	t.Parallel()
	keys := filepath.Join(t.TempDir(), "keys")
	if _, problem, ok := output(t, "ticket", "--user", "ann", "--keys", keys); ok || !strings.Contains(problem, "there are no keys at "+keys) {
		t.Errorf("before there are keys: %s", problem)
	}
	if _, err := os.Stat(keys); err == nil {
		t.Error("it made keys that no server has")
	}
	s := partline.Start(t, binary, "--keys", keys, "--tenants", documentedTenants(t, 0))

	out, problem, ok := output(t, "ticket", "--keys", keys, "--tenant", "contoso", "--user", "ann", "--name", "Ann, A.",
		"--role", "editor", "--scope", "place", "--scope", "page", "--place", "stand, up", "--hub", "connected", "--for", "5m", "--session", "1h")
	ticket := strings.TrimSuffix(out, "\n")
	if !ok || problem != "" || !regexp.MustCompile(`^pt1\.[0-9A-Za-z_.-]+$`).MatchString(ticket) {
		t.Fatalf("it prints %q and %q", out, problem)
	}
	status, answer := negotiatedWith(t, s, `{"ticket":"`+ticket+`"}`)
	if you := answer.Access.You; status != http.StatusOK || answer.ConnectionToken == "" || you.ID != "ann" || you.Name != "Ann, A." ||
		answer.Access.Scope != "place" || answer.Access.Place != "stand, up" || strings.Join(answer.Access.Scopes, " ") != "page place" {
		t.Errorf("the ticket is answered with %d, %+v", status, answer)
	}
	if status, answer := negotiatedWith(t, s, `{"ticket":"`+ticket+`"}`); status != http.StatusUnauthorized || answer.Code != "ticket-spent" {
		t.Errorf("a second time it is answered with %d, %+v", status, answer)
	}
	if strings.Contains(s.Log(), ticket) {
		t.Error("the ticket is in the log")
	}
}

// With a part it is the whole snippet, with the ticket where no server sees it.
func TestTicket_inASnippet(t *testing.T) {
	t.Parallel()
	keys := filepath.Join(t.TempDir(), "keys")
	s := partline.Start(t, binary, "--keys", keys)
	out, problem, ok := output(t, "ticket", "--keys", keys, "--user", "ann", "--part", "one", "--public-url", s.URL+"/",
		"--scope", "place", "--place", "a & b")
	src := regexp.MustCompile(`^<iframe src="([^"]*)" title="Connected Part - One" loading="lazy" width="400" height="300"></iframe>\n$`).FindStringSubmatch(out)
	if !ok || problem != "" || src == nil {
		t.Fatalf("it prints %q and %q", out, problem)
	}
	u, err := url.Parse(html.UnescapeString(src[1]))
	if err != nil {
		t.Fatal(err)
	}
	ticket, found := strings.CutPrefix(u.Fragment, "ticket=")
	if !found || u.RawQuery != "scope=place&room=a+%26+b" || !strings.HasPrefix(u.String(), s.URL+"/parts/one?") {
		t.Fatalf("the part is at %s", u)
	}
	if status, answer := negotiatedWith(t, s, `{"ticket":"`+ticket+`"}`); status != http.StatusOK || answer.Access.You.ID != "ann" || answer.Access.Place != "a & b" {
		t.Errorf("the ticket is answered with %d, %+v", status, answer)
	}
}

// With one tenant in the file what says nothing is of that one; with several it
// is nobody's.
func TestTicket_withoutATenant(t *testing.T) {
	t.Parallel()
	keys := filepath.Join(t.TempDir(), "keys")
	one := partline.Start(t, binary, "--keys", keys, "--tenants", documentedTenants(t, 1))
	several := partline.Start(t, binary, "--keys", keys, "--tenants", documentedTenants(t, 0))
	for s, want := range map[*partline.Server]int{one: http.StatusOK, several: http.StatusUnauthorized} {
		out, problem, ok := output(t, "ticket", "--keys", keys, "--user", "ann")
		if !ok {
			t.Fatal(problem)
		}
		if status, answer := negotiatedWith(t, s, `{"ticket":"`+strings.TrimSuffix(out, "\n")+`"}`); status != want {
			t.Errorf("the ticket is answered with %d, not %d: %+v", status, want, answer)
		}
	}
}

func TestTicket_mistakes(t *testing.T) {
	t.Parallel()
	keys := filepath.Join(t.TempDir(), "keys")
	partline.Start(t, binary, "--keys", keys)
	for want, args := range map[string][]string{
		"no scope: those are page, session, user, place, tenant and world": {"--scope", "planet"},
		"it may be used for 1s to 10m0s, not for 11m0s":                    {"--for", "11m"},
		"--part three: there is no such part; there are one, two":          {"--part", "three", "--public-url", "https://parts.example"},
		"name the address of the server with --public-url":                 {"--part", "one"},
		"it begins with https:// or http://":                               {"--part", "one", "--public-url", "ftp://parts.example"},
		"its scope is the place, and it names none":                        {"--scope", "place"},
	} {
		out, problem, ok := output(t, append([]string{"ticket", "--keys", keys, "--user", "ann"}, args...)...)
		if ok || out != "" || !strings.Contains(problem, want) {
			t.Errorf("%q: %q and %q, not %q", args, out, problem, want)
		}
	}
}
