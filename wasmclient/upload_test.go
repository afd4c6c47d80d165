package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

type measured struct {
	Room  string
	Temps contract.Upload[float64]
	Names contract.Upload[string]
}

var (
	measure = contract.NewMethod[measured, sum](connected.Hub, "Measure")
	echoes  = contract.NewStream[measured, tick](connected.Hub, "Echoes")
)

// values yields some, and then err.
func values[T any](err error, some ...T) contract.Upload[T] {
	return contract.Upload[T]{Values: func(yield func(T, error) bool) {
		for _, v := range some {
			if !yield(v, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}}
}

// from yields what comes from a channel, until it is closed; left is closed when
// nobody wants more.
func from[T any](c <-chan T) (u contract.Upload[T], left <-chan struct{}) {
	gone := make(chan struct{})
	u.Values = func(yield func(T, error) bool) {
		defer close(gone)
		for v := range c {
			if !yield(v, nil) {
				return
			}
		}
	}
	return u, gone
}

// startMeasure calls measure in a goroutine of its own.
func startMeasure(ctx context.Context, c *client.Client, m measured) <-chan error {
	ended := make(chan error, 1)
	go func() {
		_, err := client.Call(ctx, c, measure, m)
		ended <- err
	}()
	return ended
}

// uploads reads until each upload has ended, and returns what came in them.
func (c *fakeConn) uploads(ids ...string) (came map[string]string) {
	c.t.Helper()
	came = map[string]string{}
	for ended := 0; ended < len(ids); {
		m := c.next()
		id := string(m.InvocationID)
		switch m.Kind {
		case wire.StreamItem:
			came[id] += string(m.Value) + " "
		case wire.Completion:
			ended++
			came[id] += "end " + string(m.Error)
		case wire.Ping, wire.CancelInvocation:
		default:
			c.t.Fatalf("the client sent %+v", m)
		}
	}
	return came
}

func TestUpload_several(t *testing.T) {
	for _, transport := range each {
		synctest.Test(t, func(t *testing.T) {
			hub, c, s := over(t, transport, nil)
			run(t, c)
			conn := hub.accept()
			s.await(t, client.Connected)
			ended := startMeasure(t.Context(), c, measured{Room: "hall", Temps: values(nil, 1.5, 2, -3), Names: values(errors.New("no more paper"), "a", "")})
			m := conn.nextOf(wire.Invocation)
			if string(m.Arguments) != `["hall"]` || len(m.StreamIDs) != 2 || m.StreamIDs[0] == m.StreamIDs[1] || m.StreamIDs[0] == string(m.InvocationID) {
				t.Fatalf("%+v", m)
			}
			came := conn.uploads(m.StreamIDs...)
			if got := came[m.StreamIDs[0]]; got != "1.5 2 -3 end " {
				t.Errorf("temperatures: %s", got)
			}
			if got := came[m.StreamIDs[1]]; got != `"a" "" end no more paper` {
				t.Errorf("names: %s", got)
			}
			conn.complete(string(m.InvocationID), `,"result":{"total":5}`)
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestUpload_ofSend goes on when Send has returned and its context has ended.
func TestUpload_ofSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		temps := make(chan float64)
		up, _ := from(temps)
		ctx, cancel := context.WithCancel(t.Context())
		if err := client.Send(ctx, c, measure, measured{Temps: up}); err != nil {
			t.Fatal(err)
		}
		cancel()
		m := conn.nextOf(wire.Invocation)
		if m.InvocationID != nil {
			t.Errorf("%+v", m)
		}
		temps <- 1
		temps <- 2
		close(temps)
		came := conn.uploads(m.StreamIDs...)
		if got := came[m.StreamIDs[0]]; got != "1 2 end " {
			t.Errorf("%s", got)
		}
		if got := came[m.StreamIDs[1]]; got != "end " {
			t.Errorf("an upload without values: %s", got)
		}
	})
}

func TestUpload_ofAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		lines := make(chan string)
		up, left := from(lines)
		read := make(chan int, 10)
		go func() {
			defer close(read)
			for v, err := range client.Open(t.Context(), c, echoes, measured{Names: up}) {
				if err != nil {
					t.Error(err)
				}
				read <- v.Number
				if v.Number == 2 {
					return
				}
			}
		}()
		m := conn.nextOf(wire.StreamInvocation)
		for i := range 3 {
			lines <- "x"
			for conn.next().Kind != wire.StreamItem { // the other upload ends meanwhile
			}
			conn.sendItem(string(m.InvocationID), i, "")
			if n := <-read; n != i {
				t.Errorf("item %d", n)
			}
		}
		<-read
		canceled, ended := false, ""
		for ended == "" {
			switch m := conn.next(); m.Kind {
			case wire.CancelInvocation:
				canceled = true
			case wire.Completion:
				ended = string(m.Error)
			}
		}
		if !canceled || ended != "the call was canceled" {
			t.Errorf("canceled: %v; the upload ended with %q", canceled, ended)
		}
		lines <- "one that nobody wants"
		<-left
	})
}

// TestUpload_endsWithItsCall and nothing is sent after that.
func TestUpload_endsWithItsCall(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(conn *fakeConn, cancel func(), id string)
		is   func(err error) bool
		sent string
	}{
		{"answered", func(conn *fakeConn, _ func(), id string) { conn.complete(id, `,"result":{}`) },
			func(err error) bool { return err == nil }, ""},
		{"refused", func(conn *fakeConn, _ func(), id string) { conn.complete(id, `,"error":"no"`) },
			func(err error) bool { return says(err, "no") }, ""},
		{"canceled", func(_ *fakeConn, cancel func(), _ string) { cancel() },
			func(err error) bool { return errors.Is(err, context.Canceled) }, "5 call was canceled"},
		{"lost", func(conn *fakeConn, _ func(), _ string) { conn.end(io.EOF) },
			func(err error) bool { return errors.Is(err, client.ErrNotConfirmed) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cl, conn := connect(t, nil)
				temps := make(chan float64)
				up, left := from(temps)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				ended := startMeasure(ctx, cl, measured{Temps: up, Names: values(nil, "a")})
				m := conn.nextOf(wire.Invocation)
				temps <- 1
				synctest.Wait()
				for len(conn.toHub) > 0 {
					<-conn.toHub
				}
				c.end(conn, cancel, string(m.InvocationID))
				if err := <-ended; !c.is(err) {
					t.Error(err)
				}
				temps <- 2
				<-left
				synctest.Wait()
				var sent strings.Builder
				for len(conn.toHub) > 0 {
					sent.Write(<-conn.toHub)
				}
				for part := range strings.FieldsSeq(c.sent) {
					if !strings.Contains(sent.String(), part) {
						t.Errorf("afterwards the client sent %q", sent.String())
					}
				}
				if c.sent == "" && sent.Len() > 0 {
					t.Errorf("afterwards the client sent %q", sent.String())
				}
			})
		})
	}
}

func TestUpload_valuesThatCannotBeSent(t *testing.T) {
	for _, c := range []struct {
		name string
		m    measured
		says string
		tell string
	}{
		{"not a number", measured{Temps: values(nil, 1, math.NaN(), 2)}, "upload Temps", "upload Temps"},
		{"too large", measured{Names: values(nil, strings.Repeat("x", 200))}, "larger than the hub takes", "larger than"},
		{"a source that panics", measured{Names: contract.Upload[string]{Values: func(func(string, error) bool) { panic("out of paper") }}}, "hub says so", "the source of the values failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := client.Options{SendLimit: 150}
				log := logs(&o)
				cl, conn := connect(t, &o)
				ended := startMeasure(t.Context(), cl, c.m)
				m := conn.nextOf(wire.Invocation)
				came := fmt.Sprint(conn.uploads(m.StreamIDs...))
				if !strings.Contains(came, c.tell) {
					t.Errorf("the hub is told %s", came)
				}
				if c.says == "hub says so" {
					conn.complete(string(m.InvocationID), `,"error":"hub says so"`)
					if len(*log) != 1 || !strings.Contains((*log)[0], "out of paper") {
						t.Errorf("the log has %q", *log)
					}
				}
				if err := <-ended; !says(err, c.says) {
					t.Error(err)
				}
			})
		})
	}
}

// TestUpload_waitsForTheHub when it takes nothing, and asks its source for no
// more.
func TestUpload_waitsForTheHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, &client.Options{QueueLimit: 5_000})
		asked := 0
		endless := contract.Upload[string]{Values: func(yield func(string, error) bool) {
			for yield(strings.Repeat("x", 1_000), nil) {
				asked++
			}
		}}
		conn.fill()
		ended := startMeasure(t.Context(), c, measured{Names: endless})
		pass(time.Second)
		synctest.Wait()
		if asked > 20 {
			t.Errorf("%d values were taken", asked)
		}
		c.Close()
		if err := <-ended; !errors.Is(err, client.ErrNotConfirmed) {
			t.Error(err)
		}
	})
}

// TestUpload_closeWaitsForItsSource which it cannot end.
func TestUpload_closeWaitsForItsSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		temps := make(chan float64)
		up, _ := from(temps)
		ended := startMeasure(t.Context(), c, measured{Temps: up})
		conn.nextOf(wire.Invocation)
		synctest.Wait() // for the source to begin
		closed := make(chan struct{})
		go func() {
			c.Close()
			close(closed)
		}()
		conn.end(io.EOF)
		<-ended
		synctest.Wait()
		select {
		case <-closed:
			t.Error("Close did not wait")
		default:
		}
		close(temps)
		<-closed
	})
}
