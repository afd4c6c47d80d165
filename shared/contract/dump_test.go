package contract_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"partline.dev/shared/contract"
)

var update = flag.Bool("update", false, "write golden files anew")

type colour int8

func (colour) EnumNames() map[int64]string {
	return map[int64]string{-1: "Unknown", 10: "Blue", 2: "Green"}
}

type size uint16 // a named integer, and no enum

type item struct {
	ID    int64
	Body  contract.RawJSON
	Paint colour
	Past  *item
	Inner struct{ At time.Time }
}

type everything struct {
	Raw     []byte
	Items   []item
	ByName  map[string]*item
	Ratio   float32
	Hue     colour
	Weight  size
	Reply   contract.Upload[item]
	Verbose bool `arg:"optional"`
}

func TestDump(t *testing.T) {
	got := contract.Dump(contract.NewAPI(hub,
		contract.NewMethod[everything, contract.None](hub, "all of it"),
		contract.NewMethod[one, int](hub, "add", contract.Overload()),
		contract.NewMethod[two, int](hub, "add", contract.Overload()),
		contract.NewMethod[contract.None, int](hub, "Long", contract.WithProgress[item](), contract.Verbatim()),
		contract.NewStream[contract.None, item](hub, "replay"),
		contract.NewEvent[contract.None](hub, "tick"),
		contract.NewQuery[one, string](hub, "ask"),
	))
	const file = "testdata/everything.golden"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the dump is\n%s\nnot what %s has; -update writes it", got, file)
	}
	if err := contract.Compatible(got, got); err != nil {
		t.Errorf("an API cannot stay as it is: %v", err)
	}
}

func TestDump_tellsHowPagesWriteTheHub(t *testing.T) {
	for _, c := range []struct {
		hub  *contract.Hub
		want string
	}{
		{contract.NewHub("Talk.room"), "hub Talk.room\nclassic Talk.room\n"},
		{contract.NewHub("talk", contract.ClassicName("talkHub")), "hub talk\nclassic talkHub\n"},
		{contract.NewHub("talk", contract.ClassicName("a.TalkHub")), "hub talk\nclassic a.TalkHub\nverbatim\n"},
	} {
		if got := contract.Dump(contract.NewAPI(c.hub)); got != c.want {
			t.Errorf("dump %q, want %q", got, c.want)
		}
	}
}
