package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"partline.dev/internal/testkit/partline"
)

// once keeps no connection open.
var once = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}

// negotiated is a connection token of s.
func negotiated(t *testing.T, s *partline.Server) string {
	t.Helper()
	r, err := once.Post(s.URL+"/hubs/connected/negotiate?negotiateVersion=1", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var reply struct{ ConnectionToken string }
	if err := json.NewDecoder(r.Body).Decode(&reply); err != nil || reply.ConnectionToken == "" {
		t.Fatalf("%s, %v", r.Status, err)
	}
	return reply.ConnectionToken
}

// polled is how s answers the first poll of the connection of token.
func polled(t *testing.T, s *partline.Server, token string) string {
	t.Helper()
	r, err := once.Get(s.URL + "/hubs/connected?id=" + token)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(r.Status + " " + string(body))
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestKeys_ofTwoNodes(t *testing.T) {
	t.Parallel()
	const (
		unknown   = "404 Not Found No Connection with that ID"
		elsewhere = unknown + ": it is at another node, or at one that has ended."
	)
	keys := filepath.Join(t.TempDir(), "shared")
	a, b := partline.Start(t, binary, "--keys", keys), partline.Start(t, binary, "--keys", keys)
	stranger := partline.Start(t, binary)
	check := func(when, token string, s *partline.Server, want string) {
		t.Helper()
		if got := polled(t, s, token); got != want {
			t.Errorf("%s: %q, not %q", when, got, want)
		}
	}
	first := negotiated(t, a)
	check("at the other node", first, b, elsewhere)
	check("with other keys", first, stranger, unknown)
	check("at its own", first, a, "200 OK")

	rotate := exec.Command(binary, "keys", "rotate", "--keys", keys)
	rotate.Dir = t.TempDir()
	if out, err := rotate.CombinedOutput(); err != nil {
		t.Fatalf("keys rotate: %v\n%s", err, out)
	}
	second := negotiated(t, a)
	check("after a rotation, at the other node", second, b, elsewhere)
	check("after a rotation", second, a, "200 OK")

	third := negotiated(t, a)
	a.Kill()
	a.Restart()
	check("after a new start", third, a, elsewhere)
	for _, s := range []*partline.Server{a, b} {
		if strings.Contains(s.Log(), first) || strings.Contains(s.Log(), second) {
			t.Error("a token is in the log")
		}
	}
}

func TestKeys_inTheDataFolder(t *testing.T) {
	t.Parallel()
	for folder, flags := range map[string][]string{
		"partline-data":     nil,
		"partline-dev-data": {"--dev"},
		"elsewhere":         {"--data", "elsewhere"},
	} {
		s := partline.Start(t, binary, flags...)
		file := filepath.Join(s.Dir, folder, "keys")
		if folder, file := mode(t, filepath.Dir(file)), mode(t, file); folder != 0o700 || file != 0o600 {
			t.Errorf("%q: the folder has mode %04o, the keys %04o", flags, folder, file)
		}
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s.Kill()
		s.Restart()
		if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
			t.Errorf("%q: after a new start there are other keys (%v)", flags, err)
		}
		if all, err := os.ReadDir(s.Dir); err != nil || len(all) != 1 {
			t.Errorf("%q: it left %v, %v", flags, all, err)
		}
	}
}

// What an operator gets wrong is said in a sentence, at the start.
func TestServe_saysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(open, []byte("partline-keys 1\ncurrent secret\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, flags := range map[string][]string{
		"chmod 600 " + open:                            {"--keys", open},
		"--stream-limit is -1; it must be 1 or more":   {"--stream-limit=-1"},
		"--message-limit is 9999999":                   {"--message-limit", "9999999"},
		`--transports: "carrier pigeons" is no transp`: {"--transports", "carrier pigeons"},
		`--trusted-proxy "10.0.0.0/99"`:                {"--trusted-proxy", "10.0.0.0/99"},
		`--public-url "parts.example"`:                 {"--public-url", "parts.example"},
		"--tls-cert and --tls-key go together":         {"--tls-cert", open},
		"not a name that can be asked for":             {"--acme-domain", "*.parts.example"},
	} {
		cmd := exec.CommandContext(t.Context(), binary, append([]string{"serve", "--addr", "localhost:0"}, flags...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) || strings.Contains(string(out), "panic") || strings.Contains(string(out), "secret") {
			t.Errorf("%q: %v, it does not say %q:\n%s", flags, err, want, out)
		}
	}
}
