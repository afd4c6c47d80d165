package client_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

func itoa(i int) string { return strconv.Itoa(i) }

func TestOn_inOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		var heard []string
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, "1:"+b.Message) })
		off := client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, "2:"+b.Message) })
		client.On(c, contract.NewEvent[contract.None](connected.Hub, "tick"), func(contract.None) { heard = append(heard, "tick") })
		var want []string
		for i := range 100 {
			conn.sendEvent("a", itoa(i))
			want = append(want, "1:"+itoa(i), "2:"+itoa(i))
		}
		conn.send(`{"type":1,"target":"TICK","arguments":[]}` + "\x1e")
		synctest.Wait()
		off()
		off()
		conn.send(`{"type":1,"target":"BroadcastMESSAGE","arguments":["a","last"]}` + "\x1e")
		want = append(want, "tick", "1:last")
		synctest.Wait()
		if !slices.Equal(heard, want) {
			t.Errorf("heard %q", heard)
		}
	})
}

// TestOn_inPieces cuts the stream everywhere it can be cut.
func TestOn_inPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		var heard []string
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, b.Message) })
		text := eventText("a", "é") + `{"type":6}` + "\x1e" + eventText("b", "2")
		for cut := 1; cut < len(text); cut++ {
			heard = nil
			conn.send(text[:cut])
			synctest.Wait()
			conn.send(text[cut:])
			synctest.Wait()
			if !slices.Equal(heard, []string{"é", "2"}) {
				t.Fatalf("cut at %d: heard %q", cut, heard)
			}
		}
	})
}

func TestOn_withTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.handshake = "{}\x1e" + eventText("a", "at once") + `{"type":1,"target":"broadcast`
		c := hub.newClient(nil)
		var heard []string
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, b.Message) })
		run(t, c)
		conn := hub.accept()
		conn.send(`Message","arguments":["a","later"]}` + "\x1e")
		synctest.Wait()
		if !slices.Equal(heard, []string{"at once", "later"}) {
			t.Errorf("heard %q", heard)
		}
	})
}

func TestOn_handlerThatCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		done := make(chan error, 1)
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) {
			_, err := client.Call(t.Context(), c, connected.SendMethod, connected.Send(b))
			done <- err
		})
		conn.sendEvent("a", "1")
		conn.sendEvent("a", "2") // waits for the handler, not before the answer
		conn.answerCall()
		if err := <-done; err != nil {
			t.Error(err)
		}
		conn.answerCall()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestOn_panicsForWhatCannotBe(t *testing.T) {
	c := newFakeHub(t).newClient(nil)
	for says, on := range map[string]func(){
		"event e belongs to hub other, not connected": func() {
			client.On(c, contract.NewEvent[add](contract.NewHub("other"), "e"), func(add) {})
		},
		"no form on the wire": func() {
			type e struct{ C chan int }
			client.On(c, contract.NewEvent[e](connected.Hub, "e"), func(e) {})
		},
	} {
		func() {
			defer func() {
				if reason, _ := recover().(string); !strings.Contains(reason, says) {
					t.Errorf("panic %q, want %q", reason, says)
				}
			}()
			on()
		}()
	}
}

// logs collects what Options.Log hears.
func logs(o *client.Options) *[]string {
	heard := new([]string)
	o.Log = func(sentence string) { *heard = append(*heard, sentence) }
	return heard
}

func TestLog_eventThatNobodyHandles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o client.Options
		said := logs(&o)
		_, conn := connect(t, &o)
		for range 3 {
			conn.sendEvent("a", "b")
			conn.send(`{"type":1,"target":"other","arguments":[]}` + "\x1e")
		}
		synctest.Wait()
		if len(*said) != 2 || !strings.Contains((*said)[0], `"broadcastmessage", and nothing handles it`) || !strings.Contains((*said)[1], `"other"`) {
			t.Errorf("said %q", *said)
		}
		for i := range 1000 { // a hub must not fill the memory with names
			conn.send(`{"type":1,"target":"` + itoa(i) + `","arguments":[]}` + "\x1e")
		}
		synctest.Wait()
		if len(*said) != 100 {
			t.Errorf("said %d sentences", len(*said))
		}
	})
}

func TestLog_argumentsThatDoNotFit(t *testing.T) {
	for arguments, text := range map[string]string{
		`["a"]`:         "Invocation provides 1 argument(s) but target expects 2.",
		`["a","b","c"]`: "Invocation provides 3 argument(s) but target expects 2.",
		`["a",7]`:       "a number where string is expected",
		`[{},[]]`:       "an object where string is expected",
	} {
		synctest.Test(t, func(t *testing.T) {
			var o client.Options
			said := logs(&o)
			c, conn := connect(t, &o)
			var heard []string
			client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, b.Message) })
			for range 2 {
				conn.send(`{"type":1,"target":"broadcastMessage","arguments":` + arguments + "}\x1e")
			}
			conn.sendEvent("a", "good")
			synctest.Wait()
			if len(*said) != 1 || !strings.Contains((*said)[0], text) {
				t.Errorf("%s: said %q", arguments, *said)
			}
			if !slices.Equal(heard, []string{"good"}) {
				t.Errorf("%s: heard %q", arguments, heard)
			}
		})
	}
}

func TestLog_handlerThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o client.Options
		said := logs(&o)
		c, conn := connect(t, &o)
		var heard []string
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { panic("my fault: " + b.Message) })
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, b.Message) })
		conn.sendEvent("a", "1")
		conn.sendEvent("a", "2")
		synctest.Wait()
		if len(*said) != 2 || !strings.Contains((*said)[1], `"broadcastmessage" panicked: my fault: 2`) || !strings.Contains((*said)[1], "events_test.go") {
			t.Errorf("said %q", *said)
		}
		if !slices.Equal(heard, []string{"1", "2"}) {
			t.Errorf("heard %q", heard)
		}
	})
}

func TestDispatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work := make(chan func(), 10)
		c, conn := connect(t, &client.Options{Dispatch: func(f func()) { work <- f }})
		var heard []string
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, b.Message) })
		conn.sendEvent("a", "1")
		conn.sendEvent("a", "2")
		synctest.Wait()
		if len(work) != 1 || heard != nil {
			t.Errorf("%d pieces of work, heard %q: one at a time, and elsewhere", len(work), heard)
		}
		(<-work)()
		(<-work)()
		if !slices.Equal(heard, []string{"1", "2"}) {
			t.Errorf("heard %q", heard)
		}
		conn.sendEvent("a", "3")
		synctest.Wait()
		go func() {
			conn.nextOf(wire.Close)
			conn.end(io.EOF)
		}()
		c.Close() // does not wait for what the program never does
		(<-work)()
		if len(heard) != 2 {
			t.Errorf("heard %q after Close", heard)
		}
	})
}

// TestOn_slowHandlerStopsTheReading has a handler that stands still: when the
// queue is full, the hub cannot send any more, for as long as it takes, and
// nothing is lost.
func TestOn_slowHandlerStopsTheReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 10_000
		c, conn := connect(t, &client.Options{QueueLimit: limit})
		release, heard := make(chan struct{}), 0
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) {
			<-release
			if b.Name != itoa(heard) {
				t.Errorf("event %s comes as number %d", b.Name, heard)
			}
			heard++
		})
		sent := 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ; sent < 100; sent++ {
				conn.sendEvent(itoa(sent), strings.Repeat("x", 1000))
			}
		}()
		synctest.Wait()
		if q := c.Queued(); q > limit || q < limit-1200 {
			t.Errorf("%d bytes are queued", q)
		}
		before := sent
		// The hub's silence does not count while nobody listens.
		pass(5 * time.Minute)
		if sent != before || sent > 13 {
			t.Errorf("%d events were taken, then %d", before, sent)
		}
		if now := c.State(); now.Phase != client.Connected {
			t.Errorf("%+v", now)
		}
		close(release)
		<-done
		synctest.Wait()
		if heard != 100 {
			t.Errorf("%d events were heard", heard)
		}
	})
}

// TestOn_handlerThatCallsBehindAFullQueue would wait for ever for an answer that
// is behind the events that wait for the handler.
func TestOn_handlerThatCallsBehindAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, &client.Options{QueueLimit: 1000})
		s := watch(t, c)
		result := make(chan error, 100)
		client.On(c, connected.BroadcastMessage, func(connected.Broadcast) {
			_, err := client.Call(context.Background(), c, connected.SendMethod, connected.Send{})
			result <- err
		})
		go func() {
			for conn.trySend(eventText("a", strings.Repeat("x", 500))) {
			}
		}()
		if err := <-result; !errors.Is(err, client.ErrNotConfirmed) {
			t.Error(err)
		}
		if now := s.await(t, client.Reconnecting); !errors.Is(now.Err, client.ErrSlowHandlers) {
			t.Errorf("%+v", now)
		}
	})
}

// TestOn_oneEventLargerThanTheQueue is heard nevertheless.
func TestOn_oneEventLargerThanTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, &client.Options{QueueLimit: 10})
		heard := 0
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard += len(b.Message) })
		for range 3 {
			conn.sendEvent("a", strings.Repeat("x", 100_000))
		}
		synctest.Wait()
		if heard != 300_000 {
			t.Errorf("%d bytes were heard", heard)
		}
	})
}
