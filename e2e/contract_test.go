package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/internal/process"
	"partline.dev/server/export"
	"partline.dev/shared/contract"
	"partline.dev/shared/testhub"
	"partline.dev/shared/wire"
)

// Typings and documents of a contract, judged by those who read them: the
// TypeScript compiler beside the npm client's own types, and the official parser
// of AsyncAPI.

// mistake is where a program announces what the compiler says.
var (
	mistake  = regexp.MustCompile(`// ERROR (TS\d+)$`)
	reported = regexp.MustCompile(`(?m)^([\w.]+)\((\d+),\d+\): error (TS\d+): .*$`)
)

func TestContract_typings(t *testing.T) {
	t.Parallel()
	fromNPM(t, "typescript", "package.json")
	modules, err := filepath.Abs("npm/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("package.json", []byte(`{"type": "module"}`))
	for name, o := range map[string]export.TypeScriptOptions{"hubs.d.ts": {}, "packed.d.ts": {MessagePack: true}} {
		var typings bytes.Buffer
		if err := export.TypeScript(&typings, &o, testhub.API, testhub.AuthorizedAPI, testhub.RefusingAPI); err != nil {
			t.Fatal(err)
		}
		write(name, typings.Bytes())
	}
	said, err := exec.Command(binary, "contract", "ts").Output()
	if err != nil {
		t.Fatal(err)
	}
	write("builtin.d.ts", said)

	// What docs/from-csharp.md shows, with the typings that it says how to make.
	made, err := exec.Command("go", "run", "partline.dev/examples/support/typings").Output()
	if err != nil {
		t.Fatal(err)
	}
	write("support.d.ts", made)
	page, err := os.ReadFile("../docs/from-csharp.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, ok := strings.Cut(string(page), "\n```ts\n")
	shown, _, ended := strings.Cut(shown, "\n```\n")
	if !ok || !ended {
		t.Fatal("docs/from-csharp.md shows no TypeScript")
	}
	write("page.ts", []byte(shown))

	programs, err := filepath.Glob("testdata/typings/*.ts")
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{} // file, line and code
	correct := 0
	for _, program := range programs {
		source, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(program)
		write(name, source)
		mistakes := 0
		for i, line := range strings.Split(string(source), "\n") {
			if m := mistake.FindStringSubmatch(line); m != nil {
				wanted[fmt.Sprintf("%s:%d: %s", name, i+1, m[1])] = true
				mistakes++
			}
		}
		if wrong := strings.HasPrefix(name, "wrong_"); wrong && mistakes != 1 || !wrong && mistakes != 0 {
			t.Errorf("%s announces %d mistakes", name, mistakes)
		}
		if mistakes == 0 {
			correct++
		}
	}
	if correct != 2 || len(wanted) < 10 {
		t.Fatalf("there are %d correct programs and %d mistakes", correct, len(wanted))
	}

	for _, m := range reported.FindAllStringSubmatch(compile(t, dir), -1) {
		at := m[1] + ":" + m[2] + ": " + m[3]
		if !wanted[at] {
			t.Errorf("the compiler says %s", m[0])
		}
		delete(wanted, at)
	}
	for at := range wanted {
		t.Errorf("the compiler does not say %s", at)
	}
}

// compile is what the TypeScript compiler says of all in dir.
func compile(t *testing.T, dir string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	compiler := filepath.Join("node_modules", "typescript", "bin", "tsc")
	args := []string{compiler, "--noEmit", "--strict", "--pretty", "false", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom", "--types", ""}
	files, err := filepath.Glob(filepath.Join(dir, "*.ts"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		args = append(args, filepath.Base(file))
	}
	cmd := process.Command(ctx, time.Second, "node", args...)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err = cmd.Run()
	if strings.Contains(said.String(), "error TS") == (err == nil) || ctx.Err() != nil {
		t.Fatalf("the compiler ended with %v: %s", err, said.String())
	}
	if n := strings.Count(said.String(), "error TS"); n != len(reported.FindAllString(said.String(), -1)) {
		t.Fatalf("the compiler says more than is understood: %s", said.String())
	}
	return said.String()
}

// judged is a message, and whether it is one of the document.
type judged struct {
	Channel string          `json:"channel"`
	Message string          `json:"message"`
	Payload json.RawMessage `json:"payload"`
	right   bool
}

func TestContract_asyncAPI(t *testing.T) {
	t.Parallel()
	fromNPM(t, "@asyncapi", "parser", "package.json")
	var document bytes.Buffer
	if err := export.AsyncAPI(&document, nil, testhub.API, testhub.AuthorizedAPI); err != nil {
		t.Fatal(err)
	}
	said := parse(t, document.Bytes(), nil)
	if len(said) != 1 || len(said[0]) > 0 {
		t.Errorf("of the test hub's document the parser says %v", said)
	}
	builtIn, err := exec.Command(binary, "contract", "asyncapi").Output()
	if err != nil {
		t.Fatal(err)
	}
	if said := parse(t, builtIn, nil); len(said) != 1 || len(said[0]) > 0 {
		t.Errorf("of the built-in hubs' document the parser says %v", said)
	}

	seven := 7
	kinds := testhub.KindsValue{Value: testhub.Kinds{
		Bytes: []byte{0, 255}, Moment: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), Numbers: []int{1},
		Table: map[string]int{"a": 1}, Places: []testhub.Place{{Name: "here"}}, Pointer: &seven, Colour: testhub.Green,
	}}
	messages := []judged{
		{"Test", "Echo", invocation(t, testhub.EchoMethod.Descriptor(), testhub.Text{Text: "hello"}, ""), true},
		{"Test", "Echo", invocation(t, testhub.EchoMethod.Descriptor(), testhub.Text{Text: "hello"}, "1"), true},
		{"Test", "Kinds", invocation(t, testhub.KindsMethod.Descriptor(), kinds, "1"), true},
		{"Test", "Kinds", invocation(t, testhub.KindsMethod.Descriptor(), testhub.KindsValue{}, "1"), true},
		{"Test", "Typed", invocation(t, testhub.TypedMethod.Descriptor(), testhub.Typed{A: 1}, "1"), true},
		{"Test", "Count", []byte(`{"type":4,"invocationId":"1","target":"Count","arguments":[1,2]}`), true},
		{"Test", "Count.item", []byte(`{"type":2,"invocationId":"1","item":3}`), true},
		{"Test", "Count.completion", []byte(`{"type":3,"invocationId":"1"}`), true},
		{"Test", "Concat.Texts.item", []byte(`{"type":2,"invocationId":"2","item":"a"}`), true},
		{"Test", "Echo.completion", []byte(`{"type":3,"invocationId":"1","result":"a"}`), true},
		{"Test", "Echo.completion", []byte(`{"type":3,"invocationId":"1","error":"no"}`), true},
		{"Test", "message", invocation(t, testhub.MessageEvent.Descriptor(), testhub.Text{Text: "hello"}, ""), true},

		{"Test", "Echo", []byte(`{"type":1,"target":"Ecoh","arguments":["hello"]}`), false},
		{"Test", "Echo", []byte(`{"type":1,"target":"Echo","arguments":[7]}`), false},
		{"Test", "Echo", []byte(`{"type":1,"target":"Echo","arguments":[]}`), false},
		{"Test", "Echo", []byte(`{"type":1,"target":"Echo","arguments":["a","b"]}`), false},
		{"Test", "Count", []byte(`{"type":1,"invocationId":"1","target":"Count","arguments":[1,2]}`), false},
		{"Test", "Count.item", []byte(`{"type":2,"invocationId":"1"}`), false},
		{"Test", "Echo.completion", []byte(`{"type":3,"invocationId":"1"}`), false},
		{"Test", "Echo.completion", []byte(`{"type":3,"invocationId":"1","result":"a","error":"no"}`), false},
		{"Test", "placed", []byte(`{"type":1,"target":"placed","arguments":[{"name":"x","x":1,"y":"2"}]}`), false},
	}
	said = parse(t, document.Bytes(), messages)
	if len(said) != 1+len(messages) {
		t.Fatalf("of %d messages there are %d lines", len(messages), len(said))
	}
	for i, m := range messages {
		if wrong := said[i+1]; (len(wrong) == 0) != m.right {
			t.Errorf("%s %s: right is %v, and the schema says %q", m.Message, m.Payload, m.right, wrong)
		}
	}
}

// invocation is a call as our codec writes it.
func invocation(t *testing.T, d *contract.Descriptor, v any, id string) json.RawMessage {
	t.Helper()
	plan, err := wire.ArgumentsOf(d)
	if err != nil {
		t.Fatal(err)
	}
	m := wire.Message{Kind: wire.Invocation, Target: []byte(d.Name())}
	if id != "" {
		m.InvocationID = []byte(id)
	}
	if m.Arguments, err = wire.JSON.AppendArguments(nil, plan, reflect.ValueOf(v)); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimRight(wire.JSON.Append(nil, &m), "\x1e")
}

// parse is what npm/asyncapi.mjs says of a document and then of each message.
func parse(t *testing.T, document []byte, messages []judged) [][]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "asyncapi.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		t.Fatal(err)
	}
	var in, out bytes.Buffer
	e := json.NewEncoder(&in)
	for _, m := range messages {
		if err := e.Encode(m); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := process.Command(ctx, time.Second, "node", "asyncapi.mjs", file)
	cmd.Dir = "npm"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, t.Output()
	if err := cmd.Run(); err != nil {
		t.Fatalf("asyncapi.mjs ended with %v: %s", err, out.String())
	}
	var said [][]string
	for line := range slices.Values(strings.Split(strings.TrimSpace(out.String()), "\n")) {
		var one struct{ Wrong []string }
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		said = append(said, one.Wrong)
	}
	return said
}

func TestContract_ofAHubThatIsNotThere(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(binary, "contract", "ts", "chess").CombinedOutput()
	if err == nil || !strings.Contains(string(out), `there is no hub "chess"; there are: connected, chat, peer-chat`) {
		t.Errorf("%v: %s", err, out)
	}
	one, err := exec.Command(binary, "contract", "ts", "Connected").Output()
	if err != nil || !strings.Contains(string(one), "ConnectedConnection") || strings.Contains(string(one), "PeerChat") {
		t.Errorf("of one hub: %v\n%s", err, one)
	}
	packed, err := exec.Command(binary, "contract", "ts", "--messagepack").Output()
	if err != nil || !strings.Contains(string(packed), "with the MessagePack protocol") {
		t.Errorf("for MessagePack: %v\n%s", err, packed)
	}
}
