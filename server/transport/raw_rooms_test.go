package transport_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/contract"
)

// gathering does what its clients ask, a line each: join and leave a group, and
// say something to a target.
func gathering(ctx context.Context, c *transport.Connection) error {
	if err := c.Join("all of us"); err != nil {
		return err
	}
	if err := c.Write(ctx, []byte(c.ID())); err != nil {
		return err
	}
	rest := ""
	for p, err := c.Read(ctx); err == nil; p, err = c.Read(ctx) {
		rest += string(p)
		for line, more, ok := strings.Cut(rest, "\n"); ok; line, more, ok = strings.Cut(rest, "\n") {
			rest = more
			word, what, _ := strings.Cut(line, " ")
			to := map[string]hub.Target{
				"all": c.All(), "others": c.Others(), "caller": c.Caller(), "room": c.Group("room"), "othersInRoom": c.OthersInGroup("room"),
			}
			switch target, known := to[word]; {
			case known:
				err = c.Publish(ctx, target, []byte(what))
			case word == "client":
				id, said, _ := strings.Cut(what, " ")
				err = c.Publish(ctx, c.Client(id), []byte(said))
			case word == "json":
				err = c.PublishJSON(ctx, c.All(), []byte(what))
			case word == "join":
				err = errors.Join(c.Join(what), c.Write(ctx, []byte("joined")))
			case word == "leave":
				err = errors.Join(c.Leave(what), c.Write(ctx, []byte("left")))
			}
			if err != nil {
				if err := c.Write(ctx, []byte("error")); err != nil {
					return err
				}
			}
		}
	}
	return nil // the client is gone
}

// hears waits for chunks that are want together, as a poll may answer with many.
func hears(t *testing.T, c talker, want string) {
	t.Helper()
	got := ""
	for len(got) < len(want) {
		chunk := c.chunk()
		if chunk == nil {
			t.Fatalf("it ended after %q, want %q", got, want)
		}
		got += string(chunk)
	}
	if got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}

func TestRaw_rooms(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, nil)
		mux, _ := s.raw(gathering, nil)
		a, b := open(s, "/raw"), open(s, "/raw")
		idA, idB := string(a.chunk()), string(b.chunk())
		if len(idA) != 22 || idA == idB {
			t.Fatalf("the ids are %q and %q", idA, idB)
		}
		for _, step := range []struct {
			by         talker
			said, a, b string
		}{
			{a, "all 1", "1", "1"},
			{a, "others 2", "", "2"},
			{a, "caller 3", "3", ""},
			{a, "client " + idB + " 4", "", "4"},
			{a, "client nobody 5", "", ""},
			{b, "join room", "", "joined"},
			{a, "room 6", "", "6"},
			{b, "othersInRoom 7", "", ""},
			{a, "join room", "joined", ""},
			{b, "othersInRoom 8", "8", ""},
			{b, "room 9", "9", "9"},
			{b, "leave room", "", "left"},
			{a, "room 10", "10", ""},
			{a, "join " + strings.Repeat("x", 256), "joinederror", ""},
			{a, `json {"a":[1]}`, `{"a":[1]}`, `{"a":[1]}`},
			{a, "json nonsense", "error", ""},
		} {
			step.by.say(step.said + "\ncaller .\n") // the dot tells when it is done
			for _, c := range []struct {
				talker
				want string
			}{{a, step.a}, {b, step.b}} {
				if c.talker == step.by {
					c.want += "."
				}
				if c.want != "" {
					hears(t, c.talker, c.want)
				}
			}
		}
		if err := hub.PublishRaw(t.Context(), mux.Group("all of us"), []byte("from outside")); err != nil {
			t.Fatal(err)
		}
		hears(t, a, "from outside")
		hears(t, b, "from outside")
		a.leave()
		b.leave()
	})
}

func TestRaw_publishedBytesAreFramedAsWrittenOnes(t *testing.T) {
	s := serve(t, nil)
	mux, _ := s.raw(func(ctx context.Context, c *transport.Connection) error {
		for p, err := c.Read(ctx); err == nil; p, err = c.Read(ctx) {
			c.SetBinary(string(p) == "binary")
			if err := c.Write(ctx, p); err != nil {
				return err
			}
		}
		return nil // the client is gone
	}, nil)
	c := dialRaw(t, s.addr, "/raw")
	for mode, first := range map[string]byte{"binary": frameBin, "text": text} {
		c.send(text, mode)
		if f := c.next(); f.first != first || string(f.payload) != mode {
			t.Errorf("%s: written %v", mode, f)
		}
		if err := hub.PublishRaw(t.Context(), mux.All(), []byte("published")); err != nil {
			t.Fatal(err)
		}
		if f := c.next(); f.first != first || string(f.payload) != "published" {
			t.Errorf("%s: published %v", mode, f)
		}
	}
}

func TestRaw_writeJSON(t *testing.T) {
	s := serve(t, nil)
	s.raw(func(ctx context.Context, c *transport.Connection) error {
		for _, bad := range []string{"", "x", "{", "1 2", "\"\xff\""} {
			if err := c.WriteJSON(ctx, []byte(bad)); err == nil {
				t.Errorf("%q is no JSON and was written", bad)
			}
		}
		return c.WriteJSON(ctx, []byte(`{"good":true}`))
	}, nil)
	c := dialRaw(t, s.addr, "/raw")
	if f := c.next(); string(f.payload) != `{"good":true}` {
		t.Errorf("came %v", f)
	}
	c.expectClose(1000, "")
	_ = c.conn.Close()
}

func TestRaw_isInNoRoomAfterItsEnd(t *testing.T) {
	s := serve(t, nil)
	ended := make(chan *transport.Connection, 1)
	mux, _ := s.raw(func(ctx context.Context, c *transport.Connection) error {
		if err := errors.Join(c.Join("room"), c.Write(ctx, []byte("joined"))); err != nil {
			t.Error(err)
		}
		if _, err := c.Read(ctx); err == nil {
			t.Error("there was something to read")
		}
		ended <- c
		return nil
	}, nil)
	c := dialRaw(t, s.addr, "/raw")
	if f := c.next(); string(f.payload) != "joined" {
		t.Errorf("came %v", f)
	}
	c.send(closeF, closePayload(1000, ""))
	c.expectClose(1000, "")
	_ = c.conn.Close()
	connection := <-ended
	if err := connection.Join("room"); !errors.Is(err, hub.ErrUnknownConnection) {
		t.Errorf("Join after the end: %v", err)
	}
	if err := mux.Join(connection.ID(), "room"); !errors.Is(err, hub.ErrUnknownConnection) {
		t.Errorf("Join from outside after the end: %v", err)
	}
	s.settle()
	if got := s.core.Stats(); got.Connections != 0 || got.Rooms != 0 {
		t.Errorf("the core has %+v", got)
	}
}

func TestRaw_slowReaderOfWhatOthersPublish(t *testing.T) {
	// It is closed, with a reason; who publishes waits for nobody.
	s := serve(t, &transport.Options{QueueLimit: 1 << 20})
	mux, _ := s.raw(func(ctx context.Context, c *transport.Connection) error {
		if err := c.Write(ctx, []byte("here")); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
		return nil
	}, nil)
	slow := dialRaw(t, s.addr, "/raw")
	if f := slow.next(); string(f.payload) != "here" {
		t.Errorf("came %v", f)
	}
	for i := 0; s.core.Stats().Overflows == 0; i++ {
		if i == 10_000 {
			t.Fatal("nobody is too slow")
		}
		if err := hub.PublishRaw(t.Context(), mux.All(), make([]byte, 64<<10)); err != nil {
			t.Fatal(err)
		}
	}
	slow.expectClose(1013, "slow consumer")
	_ = slow.conn.Close()
}

func TestRaw_groupLimitAndForeignHub(t *testing.T) {
	s := serve(t, nil, func(o *hub.Options) { o.MaxGroups = 2 })
	done := make(chan struct{})
	s.raw(func(ctx context.Context, c *transport.Connection) error {
		defer close(done)
		for i := range 2 {
			if err := c.Join(fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		}
		if err := c.Join("one more"); !errors.Is(err, hub.ErrTooManyGroups) {
			t.Errorf("Join: %v", err)
		}
		if err := c.Join(""); !errors.Is(err, contract.ErrName) {
			t.Errorf("Join: %v", err)
		}
		if err := c.Publish(ctx, s.talk.All(), []byte("x")); !errors.Is(err, hub.ErrForeign) {
			t.Errorf("Publish to another hub: %v", err)
		}
		return nil
	}, nil)
	c := dialRaw(t, s.addr, "/raw")
	select {
	case <-done:
	case <-time.After(hangGuard):
		t.Fatal("nobody was called")
	}
	c.expectClose(1000, "")
	_ = c.conn.Close()
}
