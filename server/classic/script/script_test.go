package script_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/classic/script"
	"partline.dev/shared/contract"
)

var update = flag.Bool("update", false, "write the golden file anew")

type (
	pair  struct{ A, B string }
	one   struct{ A string }
	sends struct{ Values contract.Upload[string] }
)

// apis are two hubs with everything that a name can be and a member can be.
func apis() []*contract.API {
	chat := contract.NewHub("zchat", contract.ClassicName("ChatHub"))
	board := contract.NewHub("Board.Of.Names")
	return []*contract.API{
		contract.NewAPI(chat,
			contract.NewMethod[pair, contract.None](chat, "Send"),
			contract.NewMethod[pair, contract.None](chat, "Overloaded", contract.Overload()),
			contract.NewMethod[one, contract.None](chat, "overloaded", contract.Overload()),
			contract.NewMethod[contract.None, string](chat, "AsItIs", contract.Verbatim()),
			contract.NewStream[contract.None, string](chat, "Replay"),
			contract.NewMethod[sends, contract.None](chat, "Upload"),
			contract.NewEvent[pair](chat, "broadcastMessage"),
			contract.NewQuery[contract.None, string](chat, "ask"),
		),
		contract.NewAPI(board, contract.NewMethod[one, contract.None](board, "Put.Item.On")),
	}
}

// page is what testdata/page.mjs says.
type page struct {
	Error   string
	URL     string
	Options map[string]any
	Global  []string
	Hubs    map[string]struct {
		Hub    string
		Server []string
	}
	Events, Calls, Heard [][]any
}

// run loads a script in Node, in a page as told says.
func run(t *testing.T, text []byte, told map[string]any) page {
	t.Helper()
	if told == nil {
		told = map[string]any{}
	}
	told["script"] = string(text)
	in, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/page.mjs")
	cmd.Stdin = strings.NewReader(string(in))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var said page
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return said
}

func TestWrite_isWhatWasAgreed(t *testing.T) {
	got := script.Write(apis(), "/apps/signalr")
	const file = "testdata/hubs.golden.js"
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the script is not that of %s; if that is meant, run the test with -update:\n%s", file, got)
	}
}

func TestWrite_hasTheHubsByTheNamesThatPagesKnow(t *testing.T) {
	said := run(t, script.Write(apis(), "/apps/signalr"), nil)
	if said.URL != "/apps/signalr" || said.Options["useDefaultPath"] != false || len(said.Options) != 1 {
		t.Errorf("the connection is made of %q and %v", said.URL, said.Options)
	}
	if len(said.Global) > 0 {
		t.Errorf("the script leaves behind %q", said.Global)
	}
	if got := said.Hubs["ChatHub"]; got.Hub != "ChatHub" || !slices.Equal(got.Server, []string{"AsItIs", "overloaded", "send"}) {
		t.Errorf("ChatHub: %+v", got)
	}
	if got := said.Hubs["board.of.names"]; got.Hub != "board.of.names" || !slices.Equal(got.Server, []string{"put.item.on"}) {
		t.Errorf("board.of.names: %+v", got)
	}
	if len(said.Hubs) != 2 {
		t.Errorf("the hubs are %v", said.Hubs)
	}
}

func TestWrite_aFunctionCallsTheMethodByItsRealName(t *testing.T) {
	said := run(t, script.Write(apis(), "/signalr"), map[string]any{"call": [][]any{
		{"ChatHub", "send", "a", map[string]any{"b": nil}},
		{"ChatHub", "AsItIs"},
		{"ChatHub", "overloaded", 1, 2, 3},
		{"board.of.names", "put.item.on", "x"},
	}})
	want := [][]any{
		{"ChatHub", "Send", "a", map[string]any{"b": nil}}, {"a promise"},
		{"ChatHub", "AsItIs"}, {"a promise"},
		{"ChatHub", "overloaded", 1.0, 2.0, 3.0}, {"a promise"},
		{"board.of.names", "Put.Item.On", "x"}, {"a promise"},
	}
	if !reflect.DeepEqual(said.Calls, want) {
		t.Errorf("the calls are %v", said.Calls)
	}
}

// The client says at its start which hubs have handlers, and removes a handler by
// the page's own function.
func TestWrite_subscribesBeforeTheClientCountsAndRemovesWhatItAdded(t *testing.T) {
	said := run(t, script.Write(apis(), "/signalr"), map[string]any{
		"handlers": [][]any{{"ChatHub", "broadcastMessage"}, {"ChatHub", "__proto"}},
		"rounds":   2,
	})
	round := [][]any{
		{"on", "ChatHub", "broadcastMessage", "function", "ChatHub.broadcastMessage"},
		{"on", "ChatHub", "__proto", "function", "ChatHub.__proto"},
		{"data", "ChatHub"},
		{"off", "ChatHub", "broadcastMessage", true, "ChatHub.broadcastMessage"},
		{"off", "ChatHub", "__proto", true, "ChatHub.__proto"},
		{"left", 0.0},
	}
	if !reflect.DeepEqual(said.Events, slices.Concat(round, round)) {
		t.Errorf("the client was asked for %v", said.Events)
	}
	if len(said.Heard) != 4 || !reflect.DeepEqual(said.Heard[0], []any{"ChatHub", "broadcastMessage", 1.0, "two"}) {
		t.Errorf("the page heard %v", said.Heard)
	}
}

func TestWrite_saysThatTheClientIsMissing(t *testing.T) {
	const want = "SignalR: SignalR is not loaded. Please ensure jquery.signalR-x.js is referenced before ~/signalr/js."
	for _, missing := range []string{"jQuery", "signalR"} {
		if said := run(t, script.Write(nil, "/signalr"), map[string]any{"missing": missing}); said.Error != want {
			t.Errorf("without %s: %q", missing, said.Error)
		}
	}
}

func TestDisabled_saysSo(t *testing.T) {
	if said := run(t, script.Disabled(), nil); said.Error != "SignalR: JavaScript Hub proxy generation has been disabled." {
		t.Errorf("the error is %q", said.Error)
	}
}

// No name, whatever it is, ends the string, the comment or the element that it
// stands in.
func TestWrite_anyNameIsAName(t *testing.T) {
	names := []string{
		`"); alert(1); ("`, `\`, `'`, "</script><script>x", "<!--", "-->", "*/ x /*", "//", "a\u2028b", "c\u2029d", "\ufeffbom", "class", "function",
		"default", "toString", "hasOwnProperty", "constructor", "a${x}", "`", "日本", "🙂", "ünder.Über", ".", "..", "A..B", " spaced ", "\u00a0", "HUBS", "BASE", "%s",
	}
	for _, kind := range []string{"method", "stream"} {
		h := contract.NewHub("names", contract.ClassicName("names"))
		var members []contract.Member
		for _, name := range names {
			if kind == "method" {
				members = append(members, contract.NewMethod[contract.None, contract.None](h, name, contract.Verbatim()))
			} else {
				members = append(members, contract.NewStream[contract.None, string](h, name))
			}
		}
		text := script.Write([]*contract.API{contract.NewAPI(h, members...)}, `/a"b</script>`+"\u2028")
		said := run(t, text, nil)
		if said.Error != "" || said.URL != `/a"b</script>`+"\u2028" {
			t.Errorf("%s: %q %q", kind, said.Error, said.URL)
		}
		got, want := said.Hubs["names"].Server, slices.Clone(names)
		if kind == "stream" {
			want = nil
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the functions are %q, not %q", kind, got, want)
		}
	}
}

func TestCheckHub_namesThatTheClientKeeps(t *testing.T) {
	for name, free := range map[string]bool{
		"hub": false, "Hub": false, "version": false, "constructor": false, "Constructor": false, "CONSTRUCTOR": false,
		"chat": true, "events": true, "hub2": true,
	} {
		if err := script.CheckHub(contract.NewHub(name)); (err == nil) != free {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := script.CheckHub(contract.NewHub("hub", contract.ClassicName("theHub"))); err != nil {
		t.Error(err)
	}
	if err := script.CheckHub(contract.NewHub("x", contract.ClassicName("CONSTRUCTOR"))); err == nil || !strings.Contains(err.Error(), "contract.ClassicName") {
		t.Errorf("the error is %v", err)
	}
}
