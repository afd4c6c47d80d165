package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/internal/testkit/partline"
	"partline.dev/shared/contract"
	"partline.dev/wasmclient"
)

// The chat that docs/declared-hubs.md begins with, as a client in Go has it.
type chatLine struct{ Name, Message string }

var (
	declaredChatHub  = contract.NewHub("chatHub")
	declaredChatSend = contract.NewMethod[chatLine, contract.None](declaredChatHub, "Send")
	declaredChatSaid = contract.NewEvent[chatLine](declaredChatHub, "addNewMessageToPage")
)

// documentedChat is that chat's file.
func documentedChat(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../docs/declared-hubs.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "\n```yaml\n")
	text, _, closed := strings.Cut(rest, "\n```\n")
	if !closed || strings.Count(text, "\n") >= 10 {
		t.Fatalf("docs/declared-hubs.md does not begin with a hub of ten lines:\n%s", text)
	}
	file := filepath.Join(t.TempDir(), "chat.yaml")
	if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Every kind of client talks to a hub for which nobody wrote a line of Go.
func TestDeclared_theChatOfTheDocs(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--hubs", documentedChat(t))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	inGo, err := client.Dial(ctx, s.URL+"/mvc/signalr", declaredChatHub, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer inGo.Close()
	heard := make(chan chatLine, 16)
	defer client.On(inGo, declaredChatSaid, func(l chatLine) { heard <- l })()
	next := func(want chatLine) {
		t.Helper()
		select {
		case got := <-heard:
			if got != want {
				t.Errorf("the client in Go heard %+v, not %+v", got, want)
			}
		case <-ctx.Done():
			t.Fatalf("the client in Go never heard %+v", want)
		}
	}
	if _, err := client.Call(ctx, inGo, declaredChatSend, chatLine{"Go", "<b>hello</b>"}); err != nil {
		t.Fatal(err)
	}
	next(chatLine{"Go", "<b>hello</b>"})

	begun := s.Metric("partline_invocations_total")
	ways := []struct{ path, transport, protocol string }{
		{"/hubs/chatHub", "WebSockets", "json"},
		{"/mvc/signalr", "ServerSentEvents", "json"},
		{"/HUBS/chathub", "LongPolling", "messagepack"},
	}
	for _, c := range ways {
		var got struct {
			Heard   []string
			Answer  any
			Refused string
		}
		runNPMScript(t, &got, 3*time.Minute, "declared.mjs",
			place{Base: s.URL, Path: c.path, Transport: c.transport, Protocol: c.protocol}, c.transport, "grüße")
		if !slices.Equal(got.Heard, []string{c.transport, "grüße"}) || got.Answer != nil ||
			got.Refused != "Failed to invoke 'Send' due to an error on the server." {
			t.Errorf("%+v: %+v", c, got)
		}
		next(chatLine{c.transport, "grüße"})
	}
	if n := s.Metric("partline_invocations_total") - begun; n != float64(2*len(ways)) {
		t.Errorf("the metrics count %v calls", n)
	}
}

// What the binary says about a file without serving it.
func TestDeclared_checkedAndExported(t *testing.T) {
	t.Parallel()
	file := documentedChat(t)
	for want, args := range map[string][]string{
		"chatHub is at /hubs/chatHub, /mvc/signalr; to jQuery pages it is $.connection.chatHub\n": {"hubs", "check", file},
		"  Send: (name: string, message: string) => void;\n":                                      {"contract", "ts", "--hubs", file, "chatHub"},
		"  addNewMessageToPage: (name: string, message: string) => void;\n":                       {"contract", "ts", "--hubs", file},
		`"address": "/hubs/chatHub"`:                                                              {"contract", "asyncapi", "--hubs", file, "chathub"},
	} {
		out, err := exec.Command(binary, args...).Output()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%q: %v, it does not say %q:\n%s", args, err, want, out)
		}
	}
}

// A file with mistakes keeps the server from starting, and each is named by line.
func TestDeclared_mistakesAreNamedByLine(t *testing.T) {
	t.Parallel()
	file := documentedChat(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.NewReplacer("publish:", "pubish:", "all", "al", "[name,", "[name: txt,").Replace(string(text))
	if err := os.WriteFile(file, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	want := file + `:6: "txt" is no kind of argument; did you mean text?` + "\n" +
		file + `:7: the method Send has no "pubish"; did you mean publish?` + "\n" +
		file + `:8: an event cannot go to "al"; did you mean all?` + "\n"
	for _, args := range [][]string{{"serve", "--addr", "localhost:0", "--hubs", file}, {"hubs", "check", file}, {"contract", "ts", "--hubs", file}} {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) || strings.Contains(string(out), "panic") {
			t.Errorf("%q: %v, it does not say\n%s but\n%s", args, err, want, out)
		}
	}
}
