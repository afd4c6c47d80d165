package transport_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

const (
	rs          = "\x1e"
	handshakeV2 = `{"protocol":"json","version":2}` + rs
	ackText     = `{"type":8,"sequenceId":%d}` + rs
	seqText     = `{"type":9,"sequenceId":%d}`
	goJS        = "User-Agent: Microsoft SignalR/10.0 (10.0.11; Linux; NodeJS; 20.19.2)"
	goBrowser   = "X-SignalR-User-Agent: Microsoft SignalR/10.0 (10.0.11; Unknown OS; Browser; Unknown Runtime Version)"
	dotNET      = "X-SignalR-User-Agent: Microsoft SignalR/10.0 (10.0.0; Linux; .NET; .NET 10.0.0)"
)

var tokenReply = regexp.MustCompile(`"connectionToken":"([^"]+)"`)

// negotiateStateful negotiates a connection with stateful reconnect, and returns
// its address.
func (s *server) negotiateStateful(headers ...string) (path string) {
	s.t.Helper()
	conn, err := s.open()
	if err != nil {
		s.t.Fatal(err)
	}
	c := dialOver(s.t, conn)
	c.write([]byte("POST /talk/negotiate?negotiateVersion=1&useStatefulReconnect=true HTTP/1.1\r\nHost: " + s.addr +
		"\r\nContent-Length: 0\r\nConnection: close\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n"))
	if status, _ := c.response(); status != http.StatusOK {
		s.t.Fatalf("negotiate: status %d", status)
	}
	body, err := io.ReadAll(c.r)
	found := tokenReply.FindSubmatch(body)
	if err != nil || found == nil || !strings.Contains(string(body), `"useStatefulReconnect":true`) {
		s.t.Fatalf("negotiate: %s, %v", body, err)
	}
	return "/talk?id=" + string(found[1])
}

// stateful opens a connection with stateful reconnect.
func (s *server) stateful(headers ...string) (c *rawClient, path string) {
	s.t.Helper()
	path = s.negotiateStateful(headers...)
	c = s.link(path)
	c.send(text, handshakeV2)
	if f := c.next(); string(f.payload) != "{}"+rs {
		s.t.Fatalf("handshake reply %q", f.payload)
	}
	return c, path
}

// link opens a WebSocket at path.
func (s *server) link(path string) *rawClient {
	s.t.Helper()
	conn, err := s.open()
	if err != nil {
		s.t.Fatal(err)
	}
	return upgradeRaw(s.t, conn, s.addr, path)
}

// hears reads messages until all of want have come, and nothing else.
func (c *rawClient) hears(want ...string) {
	c.t.Helper()
	var got []string
	for len(got) < len(want) {
		got = append(got, c.nextMessages()...)
	}
	if !slices.Equal(got, want) {
		c.t.Fatalf("heard %q, want %q", got, want)
	}
}

func sayText(text string) string {
	return `{"type":1,"target":"Say","arguments":["` + text + `"]}` + rs
}

func seq(n int) string { return fmt.Sprintf(seqText, n) }

func TestResume_sendsAgainWhatWasNotAcknowledged(t *testing.T) {
	s := serve(t, nil)
	c, path := s.stateful()
	s.publish("1")
	s.publish("2")
	c.hears(heard("1"), heard("2"))
	c.send(text, fmt.Sprintf(ackText, 1))
	c.send(text, `{"type":1,"target":"Say","invocationId":"0","arguments":["3"]}`+rs) // when it is answered the acknowledgement was read
	c.hears(heard("3"), `{"type":3,"invocationId":"0","result":null}`)
	_ = c.conn.Close()
	s.publish("4") // with or without a link
	c = s.link(path)
	c.hears(seq(2), heard("2"), heard("3"), `{"type":3,"invocationId":"0","result":null}`, heard("4"))
	c.send(text, fmt.Sprintf(ackText, 5)+seq(2)+rs+sayText("5"))
	c.hears(heard("5"))
	_ = c.conn.Close()
	c = s.link(path)
	c.hears(seq(6), heard("5"))
	c.send(closeF, closePayload(1000, ""))
	if err := s.awaitGone(); err != nil {
		t.Errorf("OnDisconnect heard %v of a client that left", err)
	}
}

func TestResume_takesTheClientsMessagesOnce(t *testing.T) {
	s := serve(t, nil)
	c, path := s.stateful()
	c.send(text, sayText("1")+sayText("2"))
	c.hears(heard("1"), heard("2"))
	c.send(text, sayText("3")[:12]) // half a message goes with its link
	_ = c.conn.Close()
	c = s.link(path)
	c.send(text, sayText("before its sequence")+seq(2)+rs+sayText("2")+sayText("3"))
	c.hears(seq(1), heard("1"), heard("2"), heard("3"))
}

func TestResume_whileTheOldLinkStillWorks(t *testing.T) {
	s := serve(t, nil)
	old, path := s.stateful()
	s.publish("1")
	old.hears(heard("1"))
	c := s.link(path)
	c.hears(seq(1), heard("1"))
	if _, err := io.Copy(io.Discard, old.r); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the old link: %v", err)
	}
	s.publish("2")
	c.hears(heard("2"))
	select {
	case err := <-s.gone:
		t.Errorf("the connection has ended: %v", err)
	default:
	}
}

func TestResume_callThatRunsIsAnsweredOnTheNextLink(t *testing.T) {
	s := serve(t, nil)
	c, path := s.stateful()
	c.send(text, `{"type":1,"target":"Wait","invocationId":"7","arguments":[]}`+rs)
	<-s.begun
	_ = c.conn.Close()
	c = s.link(path)
	c.hears(seq(1))
	close(s.goOn)
	c.hears(`{"type":3,"invocationId":"7","result":null}`)
}

func TestResume_holdsWhatAJavaScriptClientWouldNotCount(t *testing.T) {
	for name, row := range map[string]struct {
		header string
		holds  bool
	}{"Node": {goJS, true}, "browser": {goBrowser, true}, ".NET": {dotNET, false}, "none": {"Accept: */*", false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serveInMemory(t, nil)
				c, _ := s.stateful(row.header)
				begin := time.Now()
				s.publish("early")
				c.hears(heard("early"))
				if held := time.Since(begin) >= time.Second; held != row.holds {
					t.Errorf("held: %v, want %v", held, row.holds)
				}
				c, _ = s.stateful(row.header)
				begin = time.Now()
				s.publish("early")
				c.send(text, `{"type":6}`+rs)
				c.hears(heard("early"))
				if took := time.Since(begin); took >= time.Second {
					t.Errorf("held for %v from a client that has spoken", took)
				}
			})
		})
	}
}

func TestResume_declinedByTheHandshake(t *testing.T) {
	s := serve(t, nil)
	path := s.negotiateStateful()
	c := s.link(path)
	c.handshake() // of version 1
	_ = c.conn.Close()
	if err := s.awaitGone(); !errors.Is(err, transport.ErrLost) {
		t.Errorf("OnDisconnect heard %v", err)
	}
	s.settle()
	s.refuses(path, http.StatusNotFound)
}

func TestResume_notOffered(t *testing.T) {
	s := serve(t, &transport.Options{NoStatefulReconnect: true})
	res, err := http.Post("http://"+s.addr+"/talk/negotiate?negotiateVersion=1&useStatefulReconnect=true", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); strings.Contains(string(body), "useStatefulReconnect") {
		t.Errorf("negotiate: %s", body)
	}
}

// refuses checks that path opens no WebSocket.
func (s *server) refuses(path string, status int) {
	s.t.Helper()
	conn, err := s.open()
	if err != nil {
		s.t.Fatal(err)
	}
	c := dialOver(s.t, conn)
	c.write([]byte(upgrade(s.addr, path)))
	if got, _ := c.response(); got != status {
		s.t.Errorf("status %d, want %d", got, status)
	}
}

func TestResume_tooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		c, path := s.stateful()
		begin := time.Now()
		_ = c.conn.Close()
		if err := <-s.gone; !errors.Is(err, transport.ErrLost) {
			t.Errorf("OnDisconnect heard %v", err)
		}
		if took := time.Since(begin); took < 15*time.Second || took > 16*time.Second {
			t.Errorf("the connection was kept for %v", took)
		}
		synctest.Wait()
		s.refuses(path, http.StatusNotFound)
	})
}

func TestResume_inTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		c, path := s.stateful()
		for range 3 {
			_ = c.conn.Close()
			time.Sleep(14 * time.Second)
			c = s.link(path)
			c.hears(seq(1))
			c.send(text, seq(1)+rs)
		}
		s.publish("still there")
		c.hears(heard("still there"))
	})
}

func TestResume_clientThatHasLeft(t *testing.T) {
	s := serve(t, nil)
	c, path := s.stateful()
	c.send(text, `{"type":7}`+rs)
	if err := s.awaitGone(); err != nil {
		t.Errorf("OnDisconnect heard %v", err)
	}
	c.expectClose(1000, "")
	_ = c.conn.Close()
	s.settle()
	s.refuses(path, http.StatusNotFound)
}

func TestResume_wrongNumbersEndTheConnection(t *testing.T) {
	for _, bad := range []string{fmt.Sprintf(ackText, 1), fmt.Sprintf(ackText, int64(1)<<53), seq(1) + rs, seq(5) + rs} {
		s := serve(t, nil)
		c, path := s.stateful()
		c.send(text, bad)
		c.expectClose(hub.CodeProtocol, "wrong sequence number")
		_ = c.conn.Close()
		<-s.gone
		s.settle()
		s.refuses(path, http.StatusNotFound)
	}
}

func TestResume_fullBufferClosesForWhatOthersPublish(t *testing.T) {
	for _, parted := range []bool{false, true} {
		s := serve(t, nil)
		c, path := s.stateful()
		if parted {
			_ = c.conn.Close()
		}
		long := strings.Repeat("x", 10_000)
		sent := 0
		for ; sent < 10; sent++ {
			s.publish(long)
		}
		s.publish(long) // 110,000 bytes, and none acknowledged
		if err := s.awaitGone(); !errors.Is(err, hub.ErrOverflow) {
			t.Errorf("OnDisconnect heard %v", err)
		}
		if parted {
			s.settle()
			s.refuses(path, http.StatusNotFound)
			continue
		}
		frames := c.expectClose(hub.CodeTryAgainLater, "slow consumer")
		if last := string(frames[len(frames)-1].payload); !strings.Contains(last, `"type":7`) || !strings.Contains(last, `"allowReconnect":true`) {
			t.Errorf("the last message is %q", last)
		}
	}
}

func TestResume_fullBufferLetsWhatTheClientAskedForWait(t *testing.T) {
	s := serve(t, nil, func(o *hub.Options) { o.ParallelInvocations = 1 })
	c, _ := s.stateful()
	long := strings.Repeat("x", 6_000)
	for range 10 { // 60,000 bytes are more than half of it
		s.publish(long)
	}
	c.send(text, `{"type":1,"target":"Wait","invocationId":"1","arguments":[]}`+rs+`{"type":1,"target":"Wait","invocationId":"2","arguments":[]}`+rs)
	close(s.goOn)
	<-s.begun
	for range 10 {
		c.nextMessages()
	}
	select {
	case <-s.begun:
		t.Error("the second call began before the first was answered")
	default:
	}
	c.send(text, fmt.Sprintf(ackText, 10))
	c.hears(`{"type":3,"invocationId":"1","result":null}`)
	c.hears(`{"type":3,"invocationId":"2","result":null}`)
}

// A client that acknowledges what it has not read yet frees no room on its link.
func TestResume_acknowledgedUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, &transport.Options{QueueLimit: 100_000})
		c, _ := s.stateful()
		long := strings.Repeat("x", 9_900)
		const events, calls = 10, 9 // the events fill the queue
		for n := range events {
			s.publish(long)
			c.send(text, fmt.Sprintf(ackText, n+1))
			synctest.Wait()
		}
		var want []string
		for n := range calls {
			c.send(text, fmt.Sprintf(`{"type":1,"target":"Nope","invocationId":"%d","arguments":[]}`+rs, n))
			want = append(want, fmt.Sprintf(`{"type":3,"invocationId":"%d","error":"Unknown hub method 'Nope'"}`, n))
		}
		synctest.Wait()
		for range events {
			c.nextMessages()
		}
		c.hears(want...)
		s.publish("last")
		c.hears(heard("last"))
	})
}

func TestResume_shutdownWhileParted(t *testing.T) {
	s := serve(t, nil)
	c, path := s.stateful()
	_ = c.conn.Close()
	if err := s.host.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.awaitGone(); err != nil {
		t.Errorf("OnDisconnect heard %v", err)
	}
	if n := s.host.Stats().Links; n != 0 {
		t.Errorf("%d connections are left of %s", n, path)
	}
}
