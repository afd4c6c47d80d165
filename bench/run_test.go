package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain is also the children's main: they are started from this binary.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && roles[os.Args[1]] != nil {
		exit(roles[os.Args[1]](os.Args[2]))
	}
	goleak.VerifyTestMain(m)
}

// It runs everything, small: every server starts, delivers all and ends.
func TestRunOfEveryServer(t *testing.T) {
	var out bytes.Buffer
	err := run(plan{servers: contenderNames(), connections: 20, rounds: 1, window: 200 * time.Millisecond, rate: 50}, &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range contenderNames() {
		if !strings.Contains(out.String(), name+": ") {
			t.Errorf("nothing is reported of %s:\n%s", name, out.String())
		}
	}
}

func TestRunOfAPlanThatCannotBe(t *testing.T) {
	good := plan{servers: []string{ceilingName}, connections: 1, rounds: 1, window: time.Millisecond, rate: 1}
	for name, spoil := range map[string]func(*plan){
		"an unknown server": func(p *plan) { p.servers = []string{"nobody"} },
		"no connection":     func(p *plan) { p.connections = 0 },
		"no round":          func(p *plan) { p.rounds = 0 },
		"no window":         func(p *plan) { p.window = 0 },
		"no rate":           func(p *plan) { p.rate = 0 },
	} {
		p := good
		spoil(&p)
		if err := run(p, &bytes.Buffer{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
