package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

type (
	since struct{ From int }
	tick  struct {
		Number int
		Text   string
	}
)

var ticks = contract.NewStream[since, tick](connected.Hub, "Ticks")

// opening is what the hub sees of a stream that begins.
func (c *fakeConn) opening() (id string) {
	c.t.Helper()
	m := c.nextOf(wire.StreamInvocation)
	if string(m.Target) != "Ticks" || string(m.Arguments) != "[7]" || len(m.StreamIDs) != 0 {
		c.t.Errorf("the hub is asked for %+v", m)
	}
	return string(m.InvocationID)
}

func (c *fakeConn) sendItem(id string, number int, text string) {
	c.t.Helper()
	c.send(itemText(id, number, text))
}

func itemText(id string, number int, text string) string {
	return fmt.Sprintf(`{"type":2,"invocationId":%q,"item":{"number":%d,"text":%q}}`+"\x1e", id, number, text)
}

func (c *fakeConn) complete(id, more string) {
	c.t.Helper()
	c.send(`{"type":3,"invocationId":"` + id + `"` + more + "}\x1e")
}

// collect ranges over a stream in a goroutine of its own.
func collect(ctx context.Context, c *client.Client) (got *[]int, ended <-chan error) {
	got = new([]int)
	end := make(chan error, 1)
	go func() {
		for v, err := range client.Open(ctx, c, ticks, since{From: 7}) {
			if err != nil {
				end <- err
				return
			}
			*got = append(*got, v.Number)
		}
		end <- nil
	}()
	return got, end
}

func TestOpen(t *testing.T) {
	for _, transport := range each {
		synctest.Test(t, func(t *testing.T) {
			hub, c, s := over(t, transport, nil)
			run(t, c)
			conn := hub.accept()
			s.await(t, client.Connected)
			for _, more := range []string{"", `,"result":null`} {
				got, ended := collect(t.Context(), c)
				id := conn.opening()
				for i := range 5 {
					conn.sendItem(id, i, "x")
				}
				conn.complete(id, more)
				if err := <-ended; err != nil || fmt.Sprint(*got) != "[0 1 2 3 4]" {
					t.Errorf("%v: %v, %v", transport, *got, err)
				}
			}
			conn.sendItem("77", 1, "late") // nobody reads it
			conn.complete("77", "")
			synctest.Wait()
			if c.State().Phase != client.Connected {
				t.Errorf("%+v", c.State())
			}
		})
	}
}

// TestOpen_eachRangeIsACall and none is made before.
func TestOpen_eachRangeIsACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		stream := client.Open(t.Context(), c, ticks, since{From: 7})
		synctest.Wait()
		if len(conn.toHub) != 0 {
			t.Error("the hub was called before anybody ranged over the stream")
		}
		for range 2 {
			read := make(chan int, 1)
			go func() {
				for v := range stream {
					read <- v.Number
				}
				close(read)
			}()
			id := conn.opening()
			conn.sendItem(id, 3, "")
			conn.complete(id, "")
			if n := <-read; n != 3 {
				t.Errorf("read %d", n)
			}
			<-read
		}
	})
}

func TestOpen_breakCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		left := make(chan struct{})
		go func() {
			defer close(left)
			for v := range client.Open(t.Context(), c, ticks, since{From: 7}) {
				if v.Number == 1 {
					break
				}
			}
		}()
		id := conn.opening()
		conn.sendItem(id, 0, "")
		conn.sendItem(id, 1, "")
		<-left
		if m := conn.nextOf(wire.CancelInvocation); string(m.InvocationID) != id {
			t.Errorf("canceled %+v", m)
		}
		conn.sendItem(id, 2, "")
		conn.complete(id, "")
		synctest.Wait()
		if c.State().Phase != client.Connected {
			t.Errorf("%+v", c.State())
		}
	})
}

func TestOpen_endOfItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		_, ended := collect(ctx, c)
		id := conn.opening()
		conn.sendItem(id, 0, "")
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) || !says(err, "connected.Ticks") {
			t.Error(err)
		}
		if m := conn.nextOf(wire.CancelInvocation); string(m.InvocationID) != id {
			t.Errorf("canceled %+v", m)
		}
		_, ended = collect(ctx, c)
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		synctest.Wait()
		if len(conn.toHub) != 0 {
			t.Error("a stream whose context has ended reaches the hub")
		}
	})
}

func TestOpen_errors(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(conn *fakeConn, id string)
		read int
		is   func(err error) bool
	}{
		{"of the hub", func(conn *fakeConn, id string) {
			conn.complete(id, `,"error":"An error occurred on the server while streaming results. HubException: no more"`)
		}, 1, func(err error) bool {
			said, ok := errors.AsType[*client.Error](err)
			return ok && said.Message == "no more"
		}},
		{"an item of another type", func(conn *fakeConn, id string) {
			conn.send(`{"type":2,"invocationId":"` + id + `","item":"text"}` + "\x1e")
			if m := conn.nextOf(wire.CancelInvocation); string(m.InvocationID) != id {
				conn.t.Errorf("canceled %+v", m)
			}
		}, 1, func(err error) bool { return errors.Is(err, wire.ErrType) && says(err, "item cannot be read") }},
		{"a lost connection", func(conn *fakeConn, _ string) { conn.end(io.ErrUnexpectedEOF) }, 1,
			func(err error) bool { return errors.Is(err, client.ErrNotConfirmed) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cl, conn := connect(t, nil)
				got, ended := collect(t.Context(), cl)
				id := conn.opening()
				conn.sendItem(id, 0, "")
				c.end(conn, id)
				if err := <-ended; !c.is(err) || len(*got) != c.read {
					t.Errorf("after %v: %v", *got, err)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		c := newFakeHub(t).newClient(nil)
		for _, err := range client.Open(t.Context(), c, ticks, since{}) {
			if !errors.Is(err, client.ErrNotConnected) {
				t.Error(err)
			}
		}
		other := contract.NewStream[since, tick](contract.NewHub("other"), "Ticks")
		for _, err := range client.Open(t.Context(), c, other, since{}) {
			if !says(err, "a stream of another hub than connected") {
				t.Error(err)
			}
		}
	})
}

// TestOpen_slowReader lets the hub wait, and nobody else.
func TestOpen_slowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, &client.Options{QueueLimit: 10_000, ReceiveLimit: 10_000})
		read, goOn := 0, make(chan struct{})
		ended := make(chan error, 1)
		go func() {
			for _, err := range client.Open(t.Context(), c, ticks, since{From: 7}) {
				if err != nil {
					ended <- err
					return
				}
				<-goOn
				read++
			}
			ended <- nil
		}()
		id := conn.opening()
		// There is room for some items, and an answer passes by them.
		text := strings.Repeat("x", 900)
		for i := range 8 {
			conn.sendItem(id, i, text)
		}
		answered := make(chan error, 1)
		go func() {
			_, err := client.Call(t.Context(), c, connected.SendMethod, connected.Send{})
			answered <- err
		}()
		conn.answerCall()
		if err := <-answered; err != nil {
			t.Error(err)
		}
		sent := make(chan int, 1)
		go func() {
			n := 8
			for ; n < 40 && conn.trySend(itemText(id, n, text)); n++ {
			}
			sent <- n
		}()
		// The client says that it is there while it reads nothing.
		for range 3 {
			pass(2 * time.Minute)
			pings := 0
			for len(conn.toHub) > 0 {
				pings += strings.Count(string(<-conn.toHub), `"type":6`)
			}
			if pings < 7 {
				t.Errorf("%d pings in two minutes", pings)
			}
		}
		if c.State().Phase != client.Connected || read != 0 {
			t.Errorf("%+v; %d items were read", c.State(), read)
		}
		close(goOn)
		if n := <-sent; n != 40 {
			t.Errorf("%d items were sent", n)
		}
		conn.complete(id, "")
		if err := <-ended; err != nil || read != 40 {
			t.Errorf("%d items were read: %v", read, err)
		}
	})
}

// TestOpen_readerThatCalls and whose call waits behind more of its own items
// than there is room for: the stream is given up, not the connection.
func TestOpen_readerThatCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, conn := connect(t, &client.Options{QueueLimit: 10_000, ReceiveLimit: 10_000})
		called, ended := make(chan error, 1), make(chan error, 1)
		go func() {
			first := true
			for _, err := range client.Open(t.Context(), c, ticks, since{From: 7}) {
				if err != nil {
					ended <- err
					return
				}
				if first {
					_, err := client.Call(t.Context(), c, connected.SendMethod, connected.Send{})
					called <- err
				}
				first = false
			}
			ended <- nil
		}()
		id := conn.opening()
		conn.sendItem(id, 0, "")
		call := conn.nextOf(wire.Invocation)
		begun := time.Now()
		for i := 1; i < 20; i++ {
			conn.sendItem(id, i, strings.Repeat("x", 900))
		}
		if m := conn.nextOf(wire.CancelInvocation); string(m.InvocationID) != id {
			t.Errorf("canceled %+v", m)
		}
		conn.complete(string(call.InvocationID), `,"result":null`)
		if err := <-called; err != nil || time.Since(begun) > time.Minute {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		if err := <-ended; !errors.Is(err, client.ErrTooSlow) {
			t.Error(err)
		}
	})
}
