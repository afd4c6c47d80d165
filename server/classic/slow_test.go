package classic_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
)

func TestReplay_outsideTheWindow(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		m := newChat()
		s := serve(t, classic.Options{}, nil, m)
		c := s.connected(way, "chatHub")
		before := c.cursor
		c.cut()
		for i := range 1001 {
			s.publish(m, fmt.Sprint(i))
		}
		c.reconnect()
		// It is told at once where it goes on from.
		if e := c.next(); len(e.M) != 0 || e.C == before || e.E != "" {
			t.Errorf("the first word was %s", e.text)
		}
		s.publish(m, "now")
		c.expect(said("server", "now"))
		// The link that was cut may have been too slow as well, before the server noticed.
		if missed := s.core.Stats().Missed; missed == 0 {
			t.Error("no fetch came too late")
		}
	})
}

// Who says much to others and hears nothing has an old cursor, and misses nothing
// for that.
func TestReplay_forWhoOnlySpeaks(t *testing.T) {
	for _, way := range []string{"webSockets", "serverSentEvents"} {
		t.Run(way, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newChat()
				s := serve(t, classic.Options{}, nil, m)
				c := s.connected(way, "chatHub")
				s.publish(m, "first")
				c.expect(said("server", "first"))
				for range 1100 {
					if err := hub.Publish(t.Context(), m.AllExcept(c.id), lineEvent, line{"it", "to others"}); err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait()
				c.cut()
				s.publish(m, "while it was away")
				c.reconnect()
				if e := c.next(); len(e.M) != 1 || string(e.M[0]) != said("server", "while it was away") {
					t.Errorf("it hears %s", e.text)
				}
			})
		})
	}
}

func TestReplay_inPieces(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		m := newChat()
		s := serve(t, classic.Options{}, nil, m)
		c := s.connected(way, "chatHub")
		c.cut()
		long := strings.Repeat("x", 4000)
		for i := range 100 {
			s.publish(m, fmt.Sprint(i, long))
		}
		c.reconnect()
		heard, envelopes := 0, 0
		for heard < 100 {
			e := c.next()
			envelopes++
			if len(e.text) > 72<<10 {
				t.Errorf("an envelope of %d bytes", len(e.text))
			}
			for _, item := range e.M {
				if want := said("server", fmt.Sprint(heard, long)); string(item) != want {
					t.Fatalf("%.80s came, want %.80s", item, want)
				}
				heard++
			}
		}
		if envelopes > 10 {
			t.Errorf("it took %d envelopes", envelopes)
		}
	})
}

func TestLink_thatReadsSlowly(t *testing.T) {
	// More than a link's queue holds waits in the core, and nothing is closed.
	eachWay(t, func(t *testing.T, way string) {
		m := newChat()
		s := serve(t, classic.Options{}, nil, m)
		c := s.connected(way, "chatHub")
		long := strings.Repeat("x", 4000)
		const n = 900 // 3.6 MB
		for i := range n {
			s.publish(m, fmt.Sprint(i, long))
		}
		for i, item := range c.items(n) {
			if want := said("server", fmt.Sprint(i, long)); item != want {
				t.Fatalf("%.80s came, want %.80s", item, want)
			}
		}
	})
}

func TestReplay_startsAfresh(t *testing.T) {
	// Cursors of nobody, of another server, and of the future: it goes on from now.
	for _, messageID := range []string{"", "d-0,0", "s-0,0|1,5", "d-FFFFFFFFFFFFFFFF,FFFF", "future"} {
		eachWay(t, func(t *testing.T, way string) {
			m := newChat()
			s := serve(t, classic.Options{}, nil, m)
			c := s.connected(way, "chatHub")
			s.publish(m, "1")
			c.expect(said("server", "1"))
			c.cut()
			s.publish(m, "2")
			ours := c.cursor
			if c.cursor = messageID; messageID == "future" {
				c.cursor = ours + "F"
			}
			c.reconnect()
			if e := c.next(); len(e.M) != 0 || e.C == c.cursor && e.C == messageID {
				t.Errorf("after %q came %s", messageID, e.text)
			}
			s.publish(m, "3")
			c.expect(said("server", "3"))
		})
	}
}

func TestGroups_left(t *testing.T) {
	// A client that comes back with a token of groups which it has left since is told.
	eachWay(t, func(t *testing.T, way string) {
		m := newChat()
		s := serve(t, classic.Options{}, nil, m)
		c := s.connected(way, "chatHub")
		c.call("Join", "red")
		for c.groups == "" {
			c.next()
		}
		had := c.groups
		c.cut()
		if err := m.Leave(c.id, "red"); err != nil {
			t.Fatal(err)
		}
		if err := hub.Publish(context.Background(), m.Group("red"), lineEvent, line{"server", "red"}); err != nil {
			t.Fatal(err)
		}
		c.reconnect()
		if e := c.next(); len(e.M) != 0 || e.G == "" || e.G == had {
			t.Errorf("it was told %s", e.text)
		}
	})
}
