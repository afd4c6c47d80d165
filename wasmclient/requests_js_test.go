package client_test

import (
	"context"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"partline.dev/shared/access"
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// offer has the fake hub offer these transports.
func offer(fake js.Value, names ...any) { fake.Set("offers", names) }

// sent are the fake's requests, as "METHOD accept type: body".
func sent(fake js.Value) (list []string) {
	requests := fake.Get("requests")
	for i := range requests.Length() {
		r := requests.Index(i)
		text := r.Get("method").String()
		for _, name := range []string{"Accept", "Content-Type", "Authorization"} {
			if v := r.Get("headers").Get(name); !v.IsUndefined() {
				text += " " + v.String()
			}
		}
		if body := r.Get("body"); !body.IsUndefined() {
			text += ": " + body.String()
		}
		list = append(list, text)
	}
	return list
}

// TestBrowser_introducesItself in the body, and its bearer token does not stand in
// the address of the WebSocket: the hub knows by the connection's who it is.
func TestBrowser_introducesItself(t *testing.T) {
	fake := browser(t)
	fake.Set("access", map[string]any{"scope": "page"})
	c, s := start(t, &client.Options{
		Token: func(context.Context) (string, error) { return "abc", nil },
		Join:  func(context.Context) (access.Request, error) { return access.Request{Key: "ek_1"}, nil },
	})
	if now := s.await(t, client.Connected); now.Access == nil || now.Access.Scope != "page" {
		t.Errorf("%+v", now)
	}
	want := `POST application/json Bearer abc: {"ticket":"","key":"ek_1","name":"","where":{"scope":"","page":"","session":"","place":""}}`
	if got := sent(fake)[0]; got != want {
		t.Errorf("sends %s", got)
	}
	if got := fake.Call("now").Get("url").String(); got != "ws://hub.example/hubs/connected?id=secret" {
		t.Errorf("the WebSocket is at %s", got)
	}
	c.Close()
}

func TestBrowser_serverSentEvents(t *testing.T) {
	fake := browser(t)
	offer(fake, "ServerSentEvents")
	c, s := start(t, &client.Options{Token: func(context.Context) (string, error) { return "abc", nil }})
	heard := make(chan string, 10)
	client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard <- b.Message })
	if now := s.await(t, client.Connected); now.Transport != client.ServerSentEvents {
		t.Errorf("%+v", now)
	}
	stream := fake.Get("stream")
	large := strings.Repeat("🙂", 20_000)
	for _, piece := range []string{"da", "ta: " + eventText("a", large), "\r\n\r\n: nothing\r\ndata: " + eventText("a", "next") + "\n\n"} {
		stream.Call("push", piece)
	}
	for _, want := range []string{large, "next"} {
		if got := <-heard; got != want {
			t.Errorf("heard %d bytes, not %d", len(got), len(want))
		}
	}
	if err := client.Send(t.Context(), c, connected.SendMethod, connected.Send{Message: "ü"}); err != nil {
		t.Error(err)
	}
	stream.Call("end")
	if now := failed(s); !says(now.Err, "closed by the hub") {
		t.Errorf("%+v", now)
	}
	c.Close()
	requests := sent(fake)
	if requests[1] != "GET text/event-stream Bearer abc" {
		t.Errorf("the stream is asked for with %s", requests[1])
	}
	if said := strings.Join(requests, "\n"); !strings.Contains(said, `POST text/plain;charset=UTF-8 Bearer abc: {"protocol":"json"`) || !strings.Contains(said, `"ü"`) || strings.Contains(said, "DELETE") {
		t.Errorf("the requests are %s", said)
	}
}

func TestBrowser_longPolling(t *testing.T) {
	fake := browser(t)
	offer(fake, "LongPolling")
	c, s := start(t, nil)
	heard := make(chan string, 10)
	client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard <- b.Message })
	if now := s.await(t, client.Connected); now.Transport != client.LongPolling {
		t.Errorf("%+v", now)
	}
	poll := func(body any) {
		fake.Get("polls").Call("push", body)
		if waits := fake.Get("polled"); !waits.IsUndefined() {
			waits.Invoke()
		}
	}
	for _, message := range []string{"one", strings.Repeat("x", 100_000), "three"} {
		poll(eventText("a", message))
		if got := <-heard; got != message {
			t.Errorf("heard %d bytes, not %d", len(got), len(message))
		}
	}
	poll(`{"type":1}` + "\x1e") // the client gives this hub up, and tells it
	if now := failed(s); !says(now.Err, "broke the protocol") {
		t.Errorf("%+v", now)
	}
	c.Close()
	requests := strings.Join(sent(fake), "\n")
	if !strings.Contains(requests, "DELETE") || !strings.HasPrefix(requests, "POST\nGET\nPOST text/plain;charset=UTF-8: {\"protocol\"") {
		t.Errorf("the requests are %s", requests)
	}
}

// TestBrowser_remembersForTheTab what cannot be opened, if it may.
func TestBrowser_remembersForTheTab(t *testing.T) {
	kept := map[string]string{}
	storage := map[string]any{
		"getItem": js.FuncOf(func(_ js.Value, a []js.Value) any {
			if v, ok := kept[a[0].String()]; ok {
				return v
			}
			return nil
		}),
		"setItem": js.FuncOf(func(_ js.Value, a []js.Value) any {
			kept[a[0].String()] = a[1].String()
			return nil
		}),
		"removeItem": js.FuncOf(func(_ js.Value, a []js.Value) any {
			delete(kept, a[0].String())
			return nil
		}),
	}
	const key = "partline: no WebSockets to http://hub.example"
	connect := func(store any) (sockets int) {
		t.Helper()
		fake := browser(t)
		offer(fake, "WebSockets", "ServerSentEvents")
		fake.Set("refuse", "mixed content")
		js.Global().Set("sessionStorage", store)
		c, s := start(t, nil)
		if now := s.await(t, client.Connected); now.Transport != client.ServerSentEvents {
			t.Errorf("%+v", now)
		}
		c.Close()
		return fake.Get("tried").Int()
	}
	if n := connect(storage); n != 1 || kept[key] == "" {
		t.Errorf("%d WebSockets; kept: %v", n, kept)
	}
	if n := connect(storage); n != 0 {
		t.Errorf("%d WebSockets, though another client of the tab knows", n)
	}
	for _, other := range []string{"1", "nonsense", js.ValueOf(float64(time.Now().Add(time.Hour).UnixMilli())).String()} {
		kept[key] = other
		if n := connect(storage); n != 1 {
			t.Errorf("%s: %d WebSockets", other, n)
		}
	}
	refuses := js.Global().Get("Function").New(`const no = () => { throw new Error("storage is full") }; return {getItem: no, setItem: no, removeItem: no}`).Invoke()
	for _, store := range []any{nil, refuses} {
		if n := connect(store); n != 1 {
			t.Errorf("without storage: %d WebSockets", n)
		}
	}
	// As in a frame that may not have any.
	js.Global().Get("Function").New(`Object.defineProperty(globalThis, "sessionStorage", {configurable: true, get() { throw new Error("SecurityError") }})`).Invoke()
	defer js.Global().Get("Reflect").Call("deleteProperty", js.Global(), "sessionStorage")
	fake := browserWithoutStorage(t)
	offer(fake, "LongPolling")
	c, s := start(t, nil)
	s.await(t, client.Connected)
	c.Close()
}
