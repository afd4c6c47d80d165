package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/process"
	"partline.dev/internal/testkit/partline"
	"partline.dev/server/tenants"
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// What the README tells people to paste, as they paste it. Its Go is held by
// internal/arch.

// readme is the one block of that language in the README, with the server's
// address in place of the README's.
func readme(t *testing.T, language, url string) string {
	t.Helper()
	content, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(content), "\n```"+language+"\n")
	if len(blocks) != 2 {
		t.Fatalf("README.md has %d blocks of %s, not 1", len(blocks)-1, language)
	}
	block, _, _ := strings.Cut(blocks[1], "\n```\n")
	if !strings.Contains(block, "https://parts.example/") {
		t.Fatalf("the README's %s names no server: %s", language, block)
	}
	return strings.ReplaceAll(block, "https://parts.example/", url+"/")
}

func TestReadme_goDeveloper(t *testing.T) {
	content, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if command := strings.Join(buildsList, " ") + " bin/list\n"; !strings.Contains(string(content), command) {
		t.Errorf("the README does not say %s", command)
	}
}

func TestReadme_pageAuthor(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}
	host := site(t, pages)
	s := partline.Start(t, binary, "--allow-host", host)
	pages["/"] = "<!doctype html><title>Intranet</title>" + readme(t, "html", s.URL)
	p := framed(t, chromium.Start(t, nil).Open(host+"/"), titleOne, 0)
	p.say("good morning")
	p.expect("Reception: good morning")
}

func TestReadme_signalRPage(t *testing.T) {
	t.Parallel()
	fromNPM(t, "@microsoft", "signalr", "package.json")
	s := partline.Start(t, binary)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := process.Command(ctx, time.Second, "node", "--input-type=module", "-")
	cmd.Dir = "npm"
	cmd.Stdin = strings.NewReader(readme(t, "js", s.URL) + "\nawait connection.stop();\n")
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, t.Output()
	if err := cmd.Run(); err != nil {
		t.Fatalf("the README's program ended with %v", err)
	}
	if !slices.Contains(strings.Split(said.String(), "\n"), "Ann: Hello from SignalR") {
		t.Errorf("the README's program heard %q", said.String())
	}
}

// A program publishes as the README does, and who is connected hears it.
func TestReadme_program(t *testing.T) {
	t.Parallel()
	key, digest := tenants.NewAPIKey()
	secret(key)
	file := filepath.Join(t.TempDir(), "tenants.yaml")
	if err := os.WriteFile(file, []byte("tenants: {contoso: {guests: anybody, api-keys: [{name: intranet, sha256: "+digest+"}]}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := partline.Start(t, binary, "--tenants", file)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := client.Dial(ctx, s.URL+"/hubs/connected", connected.Hub)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	heard := make(chan connected.Broadcast, 1)
	defer client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard <- b })()
	cmd := process.Command(ctx, time.Second, "sh", "-c", readme(t, "sh", s.URL))
	cmd.Env = append(os.Environ(), "PARTLINE_API_KEY="+key)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, t.Output()
	if err := cmd.Run(); err != nil || said.String() != "{\"published\":true}\n" {
		t.Fatalf("the README's line says %q, and ended with %v", said.String(), err)
	}
	select {
	case b := <-heard:
		if b != (connected.Broadcast{Name: "Reception", Message: "The lift works again."}) {
			t.Errorf("%+v was heard", b)
		}
	case <-ctx.Done():
		t.Error("nothing was heard")
	}
	if log := s.Log(); strings.Contains(log, key) || strings.Contains(log, "lift") {
		t.Errorf("the log says\n%s", log)
	}
}

// Every flag that the binary shows is in the README's table, with its default,
// and no other.
func TestReadme_operator(t *testing.T) {
	t.Parallel()
	help, err := exec.Command(binary, "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(--[a-z-]+)` \\| `?([^`|]+?)`? \\|").FindAllStringSubmatch(string(content), -1) {
		told[row[1]] = row[2]
	}
	shown, kind := 0, regexp.MustCompile(`^[A-Z:.,]+$`)
	for _, flag := range regexp.MustCompile(`(?m)^ +(?:-., )?(--[a-z-]+)(?:="?([^"\s]+)"?)?`).FindAllStringSubmatch(string(help), -1) {
		name, value := flag[1], flag[2]
		if name == "--help" {
			continue
		}
		shown++
		in, ok := told[name]
		if !ok {
			t.Errorf("the README does not tell of %s", name)
		}
		// A word in capitals says what kind of value it takes.
		if value != "" && !kind.MatchString(value) && in != value {
			t.Errorf("the default of %s is %s, and in the README %s", name, value, in)
		}
	}
	if shown != len(told) {
		t.Errorf("the README tells of %d flags, the binary shows %d", len(told), shown)
	}
}
