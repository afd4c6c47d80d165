package hub_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// lasting is the far end of a connection under stateful reconnect.
type lasting struct {
	peer

	sent  int64 // numbered events
	acked []int64
}

func (l *lasting) Send(e *hub.Event) error {
	if e.Numbered() {
		l.mu.Lock()
		l.sent++
		l.mu.Unlock()
	}
	return l.peer.Send(e)
}

func (l *lasting) Acknowledge(n int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n > l.sent {
		return hub.ErrAcknowledgement
	}
	l.acked = append(l.acked, n)
	return nil
}

// say sends messages of the client's.
func (l *lasting) say(t *testing.T, messages ...string) {
	t.Helper()
	if _, err := l.conn.Receive([]byte(strings.Join(messages, rs) + rs)); err != nil {
		t.Errorf("receive: %v", err)
	}
}

// lastingly runs f with a connection under stateful reconnect, on a hub that
// tells everybody what anybody says.
func lastingly(t *testing.T, run func(*hub.Context) error, f func(t *testing.T, l *lasting)) {
	bubble(t, talk(run), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		l := &lasting{}
		conn, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "lasting", Codec: wire.JSON, Sink: l})
		if err != nil {
			t.Fatal(err)
		}
		l.conn = conn
		f(t, l)
	})
}

// sees checks all that the client has been sent so far, and forgets it.
func (l *lasting) sees(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	all := ""
	for _, m := range want {
		all += m + rs
	}
	if got := l.got.String(); got != all {
		t.Errorf("saw  %q\nwant %q", got, all)
	}
	l.got.Reset()
}

// sayAs is a call without an answer.
func sayAs(text any) string { return fmt.Sprintf(`{"type":1,"target":"Say","arguments":["%v"]}`, text) }

func heardAs(text any) string {
	return fmt.Sprintf(`{"type":1,"target":"heard","arguments":["%v"]}`, text)
}

func sequence(n any) string { return fmt.Sprintf(`{"type":9,"sequenceId":%v}`, n) }

func ackOf(n any) string { return fmt.Sprintf(`{"type":8,"sequenceId":%v}`, n) }

const ping = `{"type":6}`

func TestResumption_acknowledgesOnceASecond(t *testing.T) {
	lastingly(t, nil, func(t *testing.T, l *lasting) {
		l.say(t, ping)
		time.Sleep(2 * time.Second)
		l.sees(t) // a ping has no number
		l.say(t, sayAs(1), sayAs(2))
		l.sees(t, heardAs(1), heardAs(2))
		time.Sleep(999 * time.Millisecond)
		l.say(t, sayAs(3))
		l.sees(t, heardAs(3))
		time.Sleep(time.Millisecond)
		l.sees(t, ackOf(3))
		time.Sleep(5 * time.Second)
		l.sees(t) // no news
	})
}

func TestResumption_acknowledgesManyBytesAtOnce(t *testing.T) {
	lastingly(t, nil, func(t *testing.T, l *lasting) {
		long := strings.Repeat("x", 17<<10)
		l.say(t, sayAs(long), sayAs(long))
		synctest.Wait()
		if !strings.Contains(l.seen(), ackOf(2)+rs) {
			t.Error("34 KiB are not acknowledged before a second has passed")
		}
		l.mu.Lock()
		l.got.Reset()
		l.mu.Unlock()
		l.say(t, ping)
		time.Sleep(time.Second)
		l.sees(t) // it was told before
	})
}

func TestResumption_takesEachMessageOnce(t *testing.T) {
	lastingly(t, nil, func(t *testing.T, l *lasting) {
		l.say(t, sayAs(1), sayAs(2), sayAs(3))
		l.sees(t, heardAs(1), heardAs(2), heardAs(3))
		l.conn.Resume()
		l.say(t, sayAs("before its sequence"), ping)
		l.sees(t)
		l.say(t, sequence(2), sayAs(2), ping, sayAs(3), sayAs(4))
		l.sees(t, heardAs(4))
		l.conn.Resume() // half a message was lost with the link
		l.say(t, sequence(5), sayAs(5))
		l.sees(t, heardAs(5))
		time.Sleep(time.Second)
		l.sees(t, ackOf(5))
	})
}

func TestResumption_forgetsHalfAMessageOfTheOldLink(t *testing.T) {
	lastingly(t, nil, func(t *testing.T, l *lasting) {
		if _, err := l.conn.Receive([]byte(sayAs(1)[:10])); err != nil {
			t.Fatal(err)
		}
		l.conn.Resume()
		l.say(t, sequence(1), sayAs(1))
		l.sees(t, heardAs(1))
	})
}

func TestResumption_tellsAgainWhatTheOldLinkLost(t *testing.T) {
	lastingly(t, nil, func(t *testing.T, l *lasting) {
		l.say(t, sayAs(1))
		time.Sleep(time.Second)
		l.sees(t, heardAs(1), ackOf(1))
		l.conn.Resume()
		l.say(t, sequence(1), sayAs(1))
		time.Sleep(time.Second)
		l.sees(t, ackOf(1))
	})
}

func TestResumption_badInput(t *testing.T) {
	for _, row := range []struct {
		name   string
		resume bool
		send   string
		reason string // empty: the connection lives
	}{
		{"an acknowledgement of what was sent", false, ackOf(2), ""},
		{"an acknowledgement twice", false, ackOf(2) + rs + ackOf(2), ""},
		{"an acknowledgement that goes backwards", false, ackOf(2) + rs + ackOf(1), ""},
		{"an acknowledgement of nothing", false, ackOf(0), ""},
		{"an acknowledgement larger than what was sent", false, ackOf(3), "wrong sequence number"},
		{"an acknowledgement of 2^53", false, ackOf(int64(1) << 53), "wrong sequence number"},
		{"an acknowledgement of 2^63", false, ackOf("9223372036854775808"), "malformed hub message"},
		{"a negative acknowledgement", false, ackOf(-1), "malformed hub message"},
		{"a sequence on a link that goes on", false, sequence(3), "wrong sequence number"},
		{"a sequence of what comes next", true, sequence(3), ""},
		{"a sequence that goes backwards", true, sequence(1), ""},
		{"a sequence of zero", true, sequence(0), ""},
		{"a second sequence", true, sequence(3) + rs + sequence(3), "wrong sequence number"},
		{"a sequence larger than what was received", true, sequence(4), "wrong sequence number"},
		{"a sequence of 2^53", true, sequence(int64(1) << 53), "wrong sequence number"},
		{"a sequence of 2^63", true, sequence("9223372036854775808"), "malformed hub message"},
		{"a negative sequence", true, sequence(-1), "malformed hub message"},
	} {
		t.Run(row.name, func(t *testing.T) {
			lastingly(t, nil, func(t *testing.T, l *lasting) {
				l.say(t, sayAs(1), sayAs(2)) // each is heard: two were sent, too
				l.sees(t, heardAs(1), heardAs(2))
				if row.resume {
					l.conn.Resume()
				}
				_, err := l.conn.Receive([]byte(row.send + rs))
				if got := l.why().Text; got != row.reason || (err == nil) != (row.reason == "") {
					t.Errorf("closed for %q with %v, want %q", got, err, row.reason)
				}
			})
		})
	}
}

func TestResumption_numbersAreNothingToOtherConnections(t *testing.T) {
	bubble(t, talk(nil), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		if _, err := p.conn.Receive([]byte(ackOf(7) + rs + sequence(7) + rs + sayAs(1) + rs)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := p.seen(); got != heardAs(1)+rs {
			t.Errorf("saw %q", got)
		}
	})
}

func TestResumption_crowdedConnectionIsReadOnAndAcknowledgesNothing(t *testing.T) {
	release := make(chan struct{})
	run := func(*hub.Context) error { <-release; return nil }
	lastingly(t, run, func(t *testing.T, l *lasting) {
		release = make(chan struct{})
		l.say(t, `{"type":1,"target":"Run","arguments":[]}`)
		long := sayAs(strings.Repeat("x", 16<<10)) + rs
		sent := 0
		for range 10 { // 160 KiB: more than others may have waiting
			wait, err := l.conn.Receive([]byte(long))
			if err != nil || wait != nil {
				t.Fatalf("after %d: wait %v, error %v", sent, wait, err)
			}
			sent++
		}
		time.Sleep(3 * time.Second)
		if got := l.seen(); strings.Contains(got, ackOf(1+sent)) {
			t.Error("the client is told to send more to a queue that is full")
		}
		var wait <-chan struct{}
		for ; wait == nil && sent < 100; sent++ {
			wait, _ = l.conn.Receive([]byte(long))
		}
		if wait == nil {
			t.Error("a client that waits for no acknowledgement is read for ever")
		}
		close(release)
		<-wait
		time.Sleep(2 * time.Second)
		if got := l.seen(); !strings.HasSuffix(got, ackOf(1+sent)+rs) {
			t.Errorf("the last acknowledgement is missing: %q", got[max(0, len(got)-60):])
		}
	})
}

func TestOverflow_clientMayComeBack(t *testing.T) {
	lastingly(t, nil, func(t *testing.T, l *lasting) {
		l.mu.Lock()
		l.full = true
		l.mu.Unlock()
		l.say(t, sayAs(1))
		l.sees(t, `{"type":7,"error":"Connection closed with an error. The client reads more slowly than messages arrive for it.","allowReconnect":true}`)
		if got := l.why(); got.Text != "slow consumer" || got.Code != hub.CodeTryAgainLater {
			t.Errorf("closed as %+v", got)
		}
	})
}
