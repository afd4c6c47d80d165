package client_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/shared/access"
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// FuzzNegotiation reads what should be a hub's answer. A token or an address that
// is taken is in the answer, and a token can stand in an address.
func FuzzNegotiation(f *testing.F) {
	f.Add([]byte(`{"negotiateVersion":1,"connectionId":"a","connectionToken":"b","availableTransports":[{"transport":"WebSockets","transferFormats":["Text","Binary"]}]}`))
	f.Add([]byte(`{"url":"https://other.example/chat","accessToken":"jwt"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		token, redirect, offers, err := client.ParseNegotiation(body)
		if (err == nil) != (token != "" || redirect != "") {
			t.Fatalf("token %q, redirect %q, error %v", token, redirect, err)
		}
		if err != nil {
			return
		}
		said := strings.ToLower(string(body))
		if !strings.Contains(said, "connectiontoken") && !strings.Contains(said, `url`) && !strings.Contains(said, `\u`) {
			t.Errorf("the token %q and the address %q come from nowhere", token, redirect)
		}
		if offers != 0 && !strings.Contains(said, "text") && !strings.Contains(said, `\u`) {
			t.Errorf("the offers %v come from nowhere", offers)
		}
		url, err := client.SocketURL(hubURL, token)
		if err != nil {
			t.Fatal(err)
		}
		query := strings.TrimPrefix(url, "ws://hub.example/hubs/connected?id=")
		if strings.ContainsAny(query, "&?#/ \r\n\x00") || len(query) == len(url) {
			t.Errorf("the token %q makes the address %q", token, url)
		}
	})
}

// FuzzRefusal reads what should say why a hub refuses a client. What is shown of it
// is short, and a code is one.
func FuzzRefusal(f *testing.F) {
	f.Add("application/json", []byte(`{"code":"ticket-spent","error":"This ticket was used before."}`))
	f.Add("text/plain; charset=utf-8", []byte("[rate] Too fast.\nmore"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		err := client.RefusalText(kind, body)
		if !errors.Is(err, client.ErrNoAnswer) || len(err.Error()) > 300 || strings.ContainsAny(err.Error(), "\n") {
			t.Fatalf("%q is %.400v", body, err)
		}
		said := hubSaid(err)
		if r, ok := access.ParseRefusal("[" + string(said.Code) + "] x"); said.Code != "" && (!ok || r.Code != said.Code) {
			t.Errorf("%q has the code %q", body, said.Code)
		}
	})
}

// FuzzAddress reads what should be the address of a hub.
func FuzzAddress(f *testing.F) {
	f.Add("https://user:pass@h:1/a%2Fb/?c=d#e")
	f.Fuzz(func(t *testing.T, address string) {
		at, err := client.NegotiateURL(address)
		if err != nil {
			return
		}
		if !strings.HasPrefix(at, "http://") && !strings.HasPrefix(at, "https://") || strings.Contains(at, "#") {
			t.Errorf("%q makes %q", address, at)
		}
		if !strings.HasSuffix(at, "negotiateVersion=1") {
			t.Errorf("%q makes %q", address, at)
		}
	})
}

// FuzzReceive lets a hub send anything. The client neither panics nor hangs, and
// its connection, this or the next, works.
func FuzzReceive(f *testing.F) {
	f.Add([]byte(eventText("a", "b")), 3)
	f.Fuzz(func(t *testing.T, sent []byte, cut int) {
		if len(sent) > 10_000 {
			t.Skip("longer than it takes to find something")
		}
		synctest.Test(t, func(t *testing.T) {
			o := client.Options{ReceiveLimit: 5_000, QueueLimit: 5_000}
			logs(&o)
			hub := newFakeHub(t)
			c := hub.newClient(&o)
			heard := 0
			client.On(c, connected.BroadcastMessage, func(connected.Broadcast) { heard++ })
			ended := run(t, c)
			conn := hub.accept()
			cut = max(0, min(cut, len(sent)))
			for _, piece := range []string{string(sent[:cut]), string(sent[cut:]), "\x1e"} {
				if piece != "" && !conn.trySend(piece) {
					break
				}
			}
			synctest.Wait()
			select {
			case <-ended:
				return // the hub sent the client away
			default:
			}
			if conn.isClosed() {
				conn = hub.accept()
			}
			before := heard
			conn.sendEvent("a", "the end")
			synctest.Wait()
			if heard != before+1 {
				t.Errorf("heard %d events", heard-before)
			}
		})
	})
}

// FuzzResume lets a hub send anything on a connection that can be resumed, and in
// the place of its answer when it is. The client neither panics nor hangs, and
// its next connection works.
func FuzzResume(f *testing.F) {
	f.Add([]byte(eventText("a", "b")+`{"type":9,"sequenceId":1}`+"\x1e"+eventText("a", "b")), 70)
	f.Fuzz(func(t *testing.T, sent []byte, cut int) {
		if len(sent) > 10_000 {
			t.Skip("longer than it takes to find something")
		}
		synctest.Test(t, func(t *testing.T) {
			o := client.Options{ReceiveLimit: 5_000, QueueLimit: 5_000}
			logs(&o)
			hub := newFakeHub(t)
			hub.resumes = true
			c := hub.newClient(&o)
			heard := 0
			client.On(c, connected.BroadcastMessage, func(connected.Broadcast) { heard++ })
			ended := run(t, c)
			cut = max(0, min(cut, len(sent)))
			next := func() (conn *fakeConn) {
				select {
				case conn = <-hub.conns:
				case <-ended: // the hub sent the client away
				}
				return conn
			}
			for _, piece := range []string{string(sent[:cut]), string(sent[cut:]) + "\x1e"} {
				conn := next()
				if conn == nil {
					return
				}
				conn.trySend(piece)
				conn.end(io.ErrUnexpectedEOF)
			}
			hub.mu.Lock()
			hub.forgets = true
			hub.mu.Unlock()
			conn := next()
			for conn != nil && (conn.resumed || conn.isClosed()) {
				if !conn.isClosed() {
					conn.end(io.ErrUnexpectedEOF)
				}
				conn = next()
			}
			if conn == nil {
				return
			}
			synctest.Wait()
			before := heard
			conn.sendEvent("a", "the end")
			synctest.Wait()
			if heard != before+1 {
				t.Errorf("heard %d events", heard-before)
			}
		})
	})
}
