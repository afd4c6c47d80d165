package classic_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"partline.dev/server/classic"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// postBody sends a body as it is.
func (c *client) postBody(action, contentType string, body io.Reader) (status int, text string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.address(action, nil), body)
	if err != nil {
		c.t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	reply, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer reply.Body.Close()
	b, err := io.ReadAll(reply.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply.StatusCode, string(b)
}

// works wants the client's next call to be answered.
func (c *client) works(after string) {
	c.t.Helper()
	if got := c.result(`{"H":"chathub","M":"Add","A":[20,22],"I":99}`); got != `{"I":"99","R":42}` {
		c.t.Errorf("after %s: %s", after, got)
	}
}

const formType = "application/x-www-form-urlencoded; charset=UTF-8"

// What is sent wrong is refused, and neither the connection that sent it nor any
// other notices.
func TestHostile_sends(t *testing.T) {
	s := serve(t, classic.Options{}, nil, newChat())
	c, other := s.connected("serverSentEvents", "chatHub"), s.connected("webSockets", "chatHub")
	const tooLong = "The message is longer than the server takes."
	const noSense = "Protocol error: The message makes no sense."
	const malformed = "The form is malformed."
	const wrongType = "The body must be application/x-www-form-urlencoded, in UTF-8."
	for name, one := range map[string]struct {
		contentType, body string
		status            int
		text              string
	}{
		"nothing":             {formType, "", 400, "Protocol error: Missing data."},
		"another field":       {formType, "x=1", 400, "Protocol error: Missing data."},
		"no message":          {formType, "data=", 400, noSense},
		"words":               {formType, "data=hello", 400, noSense},
		"an array":            {formType, "data=[]", 400, noSense},
		"no hub":              {formType, "data=" + url.QueryEscape(`{"M":"Send","A":[]}`), 400, noSense},
		"no method":           {formType, "data=" + url.QueryEscape(`{"H":"chathub","A":[]}`), 400, noSense},
		"wrong id":            {formType, "data=" + url.QueryEscape(`{"H":"chathub","M":"Send","A":[],"I":{}}`), 400, noSense},
		"deep":                {formType, "data=" + strings.Repeat("[", 60_000), 400, noSense},
		"not UTF-8":           {formType, "data=%ff", 400, malformed},
		"bad escape":          {formType, "data=%zz", 400, malformed},
		"half an escape":      {formType, "data=%", 400, malformed},
		"two messages":        {formType, "data={}&data={}", 400, malformed},
		"many fields":         {formType, strings.Repeat("a=1&", 100_000) + "data={}", 400, malformed},
		"nothing but fields":  {formType, strings.Repeat("&", 1<<20), 400, malformed},
		"one long name":       {formType, strings.Repeat("a", 1<<20), 400, "Protocol error: Missing data."},
		"JSON":                {"application/json", `{"H":"chathub","M":"Send"}`, 415, wrongType},
		"text":                {"text/plain;charset=UTF-8", "data={}", 415, wrongType},
		"many parts":          {"multipart/form-data; boundary=x", "--x--", 415, wrongType},
		"another charset":     {"application/x-www-form-urlencoded; charset=utf-16", "data={}", 415, wrongType},
		"too long":            {formType, "data=" + strings.Repeat("x", 64<<10+1), 413, tooLong},
		"too long a body":     {formType, "data=" + strings.Repeat("x", 10<<20), 413, "The body of the request is longer than the server takes. Send less at once."},
		"too long of escapes": {formType, "data=" + strings.Repeat("%78", 64<<10+1), 413, tooLong},
	} {
		status, text := c.postBody("send", one.contentType, strings.NewReader(one.body))
		if status != one.status || text != one.text {
			t.Errorf("%s: %d %.200q", name, status, text)
		}
	}
	// The longest that may be, each byte of it escaped.
	longest := `{"H":"chathub","M":"Echo","I":1,"A":["","` + strings.Repeat("x", 64<<10-44) + `"]}`
	var escaped strings.Builder
	for _, b := range []byte(longest) {
		fmt.Fprintf(&escaped, "%%%02X", b)
	}
	if status, text := c.postBody("send", formType, strings.NewReader("data="+escaped.String())); status != 200 || len(text) < 64<<10-60 {
		t.Errorf("the longest message: %d, %d bytes", status, len(text))
	}
	c.works("all that")
	other.works("all that")
	other.result(`{"H":"chathub","M":"Send","A":["a","b"],"I":1}`)
	c.expect(said("a", "b"))
}

// A call that can be answered is, whatever is wrong with it.
func TestHostile_callsWithAnID(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat())
		c := s.connected(way, "chatHub")
		for _, message := range []string{
			`{"I":7}`, `{"I":7,"H":"chathub"}`, `{"I":7,"H":1,"M":"Send"}`, `{"I":7,"H":"chathub","M":"Send","A":{}}`,
			`{"I":7,"H":"chathub","M":"Send","S":[]}`, `{"I":7,"H":"chathub","M":"Send","S":{"s":"` + strings.Repeat("x", 5000) + `"}}`,
			`{"I":7,"H":"chathub","M":"Send","A":[` + strings.Repeat("0,", 100) + `0]}`,
		} {
			if got := c.result(message); !strings.HasPrefix(got, `{"I":"7","E":"the invocation is malformed: `) {
				t.Errorf("%.60s: %s", message, got)
			}
		}
		for _, name := range []string{"nope", "<script>", "chat"} {
			if got := c.result(`{"I":7,"H":"` + name + `","M":"Send","A":[]}`); !strings.Contains(got, ` Hub could not be resolved."`) || strings.Contains(got, "<script>") {
				t.Errorf("%s: %s", name, got)
			}
		}
		c.works("all that")
	})
}

// A frame that makes no sense is skipped.
func TestHostile_frames(t *testing.T) {
	s := serve(t, classic.Options{}, nil, newChat())
	c := s.connected("webSockets", "chatHub")
	for _, frame := range []string{
		"", "{}", "[]", "null", "hello", "{", `{"H":"chathub","M":"Send"`, `{"I":{}}`, `{"H":"nope","M":"Send","A":[]}`,
		"\x1e", `{"type":6}` + "\x1e", strings.Repeat("[", 60_000), `{"H":"chathub","M":"Nope","A":[]}`, `{"C":"d-1,1","M":[]}`,
	} {
		if err := c.link.send(t.Context(), frame); err != nil {
			t.Fatalf("%.20q: %v", frame, err)
		}
	}
	c.works("frames that make no sense")
	// A frame over the limit ends the link, and not the connection.
	if err := c.link.send(t.Context(), strings.Repeat("x", 64<<10+1)); err != nil {
		t.Fatal(err)
	}
	_, err := c.receive(t.Context())
	if websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("a frame over the limit: %v", err)
	}
	c.reconnect()
	c.works("a frame over the limit")
	if got := s.handler.Connections(); got != 1 {
		t.Errorf("there are %d connections", got)
	}
}

// Two polls: the newer one counts, the older ends with nothing.
func TestHostile_pollDuringAPoll(t *testing.T) {
	s := serve(t, classic.Options{}, nil, newChat())
	c := s.connected("longPolling", "chatHub")
	type reply struct {
		status int
		body   string
	}
	poll := func() chan reply {
		done := make(chan reply, 1)
		form := url.Values{"messageId": {c.cursor}}
		go func() {
			status, body, err := c.do(context.Background(), http.MethodPost, "poll", nil, form)
			if err != nil {
				body = err.Error()
			}
			done <- reply{status, body}
		}()
		return done
	}
	first := poll()
	second := poll()
	var empty reply
	var pending chan reply
	select { // whichever came first
	case empty = <-first:
		pending = second
	case empty = <-second:
		pending = first
	}
	if empty.status != http.StatusOK || !strings.HasSuffix(empty.body, `"M":[]}`) {
		t.Errorf("the older poll: %+v", empty)
	}
	c.result(`{"H":"chathub","M":"Send","A":["a","b"],"I":1}`)
	if got := <-pending; got.status != http.StatusOK || !strings.Contains(got.body, said("a", "b")) {
		t.Errorf("the newer poll: %+v", got)
	}
}

// Nobody uses a token of another user, of another address or of none.
func TestHostile_tokens(t *testing.T) {
	s := serve(t, classic.Options{}, &transport.Options{Authority: front.AuthorityFunc(byBearer)}, newChat())
	h := s.handler
	_, anns := h.NewToken(hub.Principal{ID: "ann"})
	ann := s.negotiated("serverSentEvents", "chatHub")
	ann.token = anns
	ann.http.Transport = bearer{ann.http.Transport, "ann"}
	ann.connect()
	ann.start()
	t.Cleanup(ann.cut)
	bob := s.negotiated("serverSentEvents", "chatHub")
	bob.http.Transport = bearer{bob.http.Transport, "bob"}
	for _, one := range []struct {
		token, want string
		status      int
	}{
		{anns, textUser, 403}, {bob.token, textUser, 403}, // it is nobody's
		{strings.Repeat("x", 64), textToken, 400}, {"", textNoToken, 400},
	} {
		bob.token = one.token
		for _, action := range []string{"connect", "reconnect", "poll", "start", "send", "abort"} {
			method := http.MethodPost
			if action == "start" {
				method = http.MethodGet
			}
			query := url.Values{"transport": {"serverSentEvents"}, "connectionToken": {one.token}}
			status, body, err := bob.do(t.Context(), method, action, query, url.Values{"data": {ann.invocation("chatHub", "Send", "evil", "x")}})
			if err != nil || status != one.status || body != one.want {
				t.Errorf("%s: %d %q %v", action, status, body, err)
			}
		}
	}
	ann.works("another user's requests")
	ann.result(`{"H":"chathub","M":"Send","A":["a","b"],"I":1}`)
	ann.expect(said("a", "b"))
}

// bearer adds a user's token to requests.
type bearer struct {
	http.RoundTripper
	user string
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.user)
	return b.RoundTripper.RoundTrip(r)
}

// A groups token that is not the connection's own gives no groups, and no error.
func TestHostile_groupsTokens(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat())
		member := s.connected("webSockets", "chatHub")
		member.result(`{"H":"chathub","M":"Join","A":["secret"],"I":0}`)
		for member.groups == "" {
			member.next()
		}
		for _, token := range []string{member.groups, "undefined", strings.Repeat("A", 100), "%00", "a b"} {
			c := s.negotiated(way, "chatHub")
			c.groups = token
			c.reconnect() // as if the server were another now
			c.next()      // from now on
			member.result(`{"H":"chathub","M":"Tell","A":["secret"],"I":1}`)
			member.result(`{"H":"chathub","M":"Send","A":["a","b"],"I":2}`)
			c.expect(said("a", "b"))
			c.cut()
		}
	})
}

// A message id that is none of any server is refused; one of another server is
// from now on.
func TestHostile_cursors(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat())
		c := s.connected(way, "chatHub")
		c.result(`{"H":"chathub","M":"Send","A":["old","x"],"I":0}`)
		c.cut()
		for _, bad := range []string{"undefined", "d-1", "d-1,G", "x", "d-1,2|", strings.Repeat("d-1,2|", 50), "s", `d-a\b,1`} {
			for _, action := range []string{"reconnect", "poll"} {
				if action == "poll" && way != "longPolling" {
					continue
				}
				method := http.MethodGet
				if way == "longPolling" {
					method = http.MethodPost
				}
				status, body, err := c.do(t.Context(), method, action, url.Values{"messageId": {bad}}, nil)
				if err != nil || status != http.StatusBadRequest || body != "Protocol error: The messageId is malformed." {
					t.Errorf("%s of %q: %d %q %v", action, bad, status, body, err)
				}
			}
		}
		for _, foreign := range []string{"d-1,1", "s-0,1A|1,2", "d-B,A|C,0", "d-FFFFFFFFFFFFFFFF,FFFFFFFFFFFFFFFF"} {
			c.cursor = foreign
			c.reconnect()
			if first := c.next(); len(first.M) != 0 || first.C == foreign {
				t.Errorf("%q: %s", foreign, first.text)
			}
			c.result(`{"H":"chathub","M":"Send","A":["new","x"],"I":0}`)
			if way != "webSockets" {
				c.expect(said("new", "x"))
			}
			c.cut()
		}
	})
}

// Ten megabytes of data=, again and again, leave nothing behind.
func TestHostile_memory(t *testing.T) {
	s := serve(t, classic.Options{}, nil, newChat())
	c := s.connected("serverSentEvents", "chatHub")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 20 {
		c.postBody("send", formType, strings.NewReader("data="+strings.Repeat("x", 10<<20)))
		c.postBody("send", formType, strings.NewReader(strings.Repeat("data&", 100_000)))
	}
	c.http.CloseIdleConnections()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 2<<20 {
		t.Errorf("%d bytes are left", grown)
	}
	c.works("all that")
}
