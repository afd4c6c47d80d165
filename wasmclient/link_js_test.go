package client_test

import (
	"context"
	"errors"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// fakeBrowser is a fetch and a WebSocket of which a test says what they do. Its
// hub answers negotiate and the handshake.
const fakeBrowser = `
	const fake = {
		requests: [], sockets: [], reply: undefined, refuse: undefined, opens: true, tried: 0, offers: ["WebSockets"], polls: [],
		now() { return this.sockets.at(-1) },
	}
	const utf8 = new TextEncoder()
	// pieces is a body; fake.push and fake.end feed one that has no end yet.
	function pieces(list, signal) {
		const queue = [...list], waiting = []
		const next = piece => piece === undefined ? {done: true} : {done: false, value: utf8.encode(piece)}
		let open = false, failed
		signal.addEventListener("abort", () => {
			failed = new Error("aborted")
			waiting.splice(0).forEach(w => w.reject(failed))
		})
		return {
			hold() { open = true; return this },
			push(piece) { waiting.length ? waiting.shift().resolve(next(piece)) : queue.push(piece) },
			end() { open = false; waiting.splice(0).forEach(w => w.resolve(next())) },
			getReader() {
				return {read: () => new Promise((resolve, reject) => {
					if (failed) reject(failed)
					else if (queue.length || !open) resolve(next(queue.shift()))
					else waiting.push({resolve, reject})
				})}
			},
		}
	}
	class Response {
		constructor(status, type, body, signal) {
			this.status = status
			this.headers = {get: name => name === "content-type" ? type : null}
			this.body = body === null ? null : typeof body === "string" ? pieces(body ? [body] : [], signal) : body
		}
	}
	globalThis.fetch = (url, options) => new Promise((resolve, reject) => {
		fake.requests.push({url, ...options})
		options.signal.addEventListener("abort", () => reject(new Error("aborted")))
		if (fake.reply === "never") return
		if (fake.reply instanceof Error) return reject(fake.reply)
		const answer = (status, type, body) => resolve(new Response(status, type, body, options.signal))
		if (fake.reply) return answer(...fake.reply)
		if (url.includes("/negotiate?")) {
			return answer(200, "application/json", JSON.stringify({
				connectionToken: "secret", access: options.body ? fake.access : undefined, availableTransports: fake.offers.map(transport => ({transport, transferFormats: ["Text"]})),
			}))
		}
		const handshake = options.body?.includes('"protocol"')
		if (options.headers.Accept === "text/event-stream") {
			fake.stream = pieces([":\r\n"], options.signal).hold()
			return answer(200, "text/event-stream", fake.stream)
		}
		if (options.method === "POST") {
			if (handshake && fake.stream) fake.stream.push("data: {}\x1e\r\n\r\n")
			else if (handshake) fake.polls.push("{}\x1e")
			if (options.body.includes('"type":7')) fake.stream ? fake.stream.end() : fake.polls.push(null)
			fake.polled?.()
			return answer(200, "text/plain", "")
		}
		if (options.method === "DELETE") return answer(202, "text/plain", null)
		if (!fake.began) { // the first poll
			fake.began = true
			return answer(200, "application/octet-stream", "")
		}
		fake.polled = () => {
			if (!fake.polls.length) return
			fake.polled = undefined
			const next = fake.polls.shift()
			next === null ? answer(204, null, null) : answer(200, "application/octet-stream", next)
		}
		fake.polled()
	})
	globalThis.WebSocket = class {
		constructor(url) {
			fake.tried++
			if (fake.refuse) throw new Error(fake.refuse)
			Object.assign(this, {url, sent: [], readyState: 0, bufferedAmount: 0, closes: 0, listeners: {open: [], message: [], close: []}})
			fake.sockets.push(this)
			if (fake.opens) queueMicrotask(() => { this.readyState = 1; this.emit("open", {}) })
		}
		addEventListener(name, f) { this.listeners[name].push(f) }
		removeEventListener(name, f) { this.listeners[name] = this.listeners[name].filter(g => g !== f) }
		emit(name, event) { for (const f of [...this.listeners[name]]) f(event) }
		send(text) {
			this.sent.push(text)
			if (this.sent.length === 1) queueMicrotask(() => this.emit("message", {data: "{}\x1e"}))
			if (text.includes('"type":7')) queueMicrotask(() => this.end(1000, ""))
		}
		end(code, reason) { this.readyState = 3; this.emit("close", {code, reason}) }
		close() { this.closes++; this.readyState = 2 }
		get left() { return Object.values(this.listeners).flat().length }
	}
	return fake
`

// browser puts a fake browser in the place of the real one until the test ends.
func browser(t *testing.T) js.Value {
	t.Helper()
	before := js.Global().Get("sessionStorage")
	t.Cleanup(func() { js.Global().Set("sessionStorage", before) })
	return browserWithoutStorage(t)
}

// browserWithoutStorage leaves the page's storage alone.
func browserWithoutStorage(t *testing.T) js.Value {
	t.Helper()
	for _, name := range []string{"fetch", "WebSocket"} {
		before := js.Global().Get(name)
		t.Cleanup(func() { js.Global().Set(name, before) })
	}
	return js.Global().Get("Function").New(fakeBrowser).Invoke()
}

// start runs a client of the fake browser's hub, until the test ends.
func start(t *testing.T, o *client.Options) (*client.Client, *states) {
	t.Helper()
	c := client.New("http://hub.example/hubs/connected", connected.Hub, o)
	s := watch(t, c)
	run(t, c)
	return c, s
}

// failed is the next state that waits for another try.
func failed(s *states) client.State {
	for {
		if now := <-s.heard; !now.RetryAt.IsZero() {
			return now
		}
	}
}

func TestBrowser_connects(t *testing.T) {
	fake := browser(t)
	c, s := start(t, &client.Options{
		Token:  func(context.Context) (string, error) { return "abc", nil },
		Header: map[string][]string{"X-Native": {"only"}},
	})
	s.await(t, client.Connected)
	request := fake.Get("requests").Index(0)
	for key, want := range map[string]string{"url": hubURL + "/negotiate?negotiateVersion=1&useStatefulReconnect=true", "method": "POST", "credentials": "same-origin", "cache": "no-store"} {
		if got := request.Get(key).String(); got != want {
			t.Errorf("the request's %s is %s", key, got)
		}
	}
	headers := request.Get("headers")
	if headers.Get("Authorization").String() != "Bearer abc" || !headers.Get("X-Native").IsUndefined() {
		t.Errorf("the headers are %s", js.Global().Get("JSON").Call("stringify", headers).String())
	}
	socket := fake.Call("now")
	if got := socket.Get("url").String(); got != "ws://hub.example/hubs/connected?id=secret&access_token=abc" {
		t.Errorf("the WebSocket is at %s", got)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if closes, left := socket.Get("closes").Int(), socket.Get("left").Int(); closes != 1 || left != 0 {
		t.Errorf("the socket was closed %d times, and %d functions listen to it", closes, left)
	}
}

func TestBrowser_hears(t *testing.T) {
	fake := browser(t)
	c, s := start(t, nil)
	heard := make(chan string, 10)
	client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard <- b.Message })
	s.await(t, client.Connected)
	socket := fake.Call("now")
	message := func(data any) { socket.Call("emit", "message", map[string]any{"data": data}) }
	large := strings.Repeat("🙂", 50_000)
	text := eventText("a", large)
	message(text[:10])
	message(text[10:])
	bytes := js.Global().Get("TextEncoder").New().Call("encode", eventText("a", "as bytes"))
	message(bytes.Get("buffer"))
	if got := <-heard; got != large {
		t.Errorf("heard %d bytes", len(got))
	}
	if got := <-heard; got != "as bytes" {
		t.Errorf("heard %q", got)
	}
}

func TestBrowser_saysHowALinkEnds(t *testing.T) {
	for _, c := range []struct {
		code   int
		reason string
		says   string
	}{
		{1013, "slow consumer", "closed by the hub: slow consumer (code 1013)"},
		{1001, "", "closed by the hub, code 1001"},
		{1006, "", "the connection broke"},
	} {
		fake := browser(t)
		cl, s := start(t, nil)
		s.await(t, client.Connected)
		socket := fake.Call("now")
		socket.Call("end", c.code, c.reason)
		if now := failed(s); now.Phase != client.Reconnecting || !says(now.Err, c.says) {
			t.Errorf("%d: %+v", c.code, now)
		}
		if left := socket.Get("left").Int(); left != 0 {
			t.Errorf("%d functions listen to a socket that is closed", left)
		}
		cl.Close()
	}
}

func TestBrowser_saysWhyThereIsNoConnection(t *testing.T) {
	for _, c := range []struct {
		name, says string
		set        func(fake js.Value)
	}{
		{"no network", "cannot be reached: Failed to fetch", func(fake js.Value) {
			fake.Set("reply", js.Global().Get("Error").New("Failed to fetch"))
		}},
		{"refused", "refuses this client or its page (403): not this page", func(fake js.Value) {
			fake.Set("reply", []any{403, "text/plain", "not this page"})
		}},
		{"no type", "no hub at this address (404)", func(fake js.Value) {
			fake.Set("reply", []any{404, nil, "<html>"})
		}},
		{"an endless answer", "more than 65536 bytes", func(fake js.Value) {
			fake.Set("reply", []any{200, "application/json", strings.Repeat(" ", 100_000)})
		}},
		{"no answer", "took too long", func(fake js.Value) { fake.Set("reply", "never") }},
		{"a socket that does not open", "took too long", func(fake js.Value) { fake.Set("opens", false) }},
		{"an address that the browser refuses", "no WebSocket to the hub: mixed content", func(fake js.Value) {
			fake.Set("refuse", "mixed content")
		}},
		{"no WebSockets", "there are no WebSockets here", func(js.Value) {
			js.Global().Delete("WebSocket")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := browser(t)
			c.set(fake)
			cl, s := start(t, &client.Options{HandshakeTimeout: time.Second})
			now := failed(s)
			if now.Phase != client.Connecting || !says(now.Err, c.says) || says(now.Err, "secret") {
				t.Errorf("%+v", now)
			}
			cl.Close()
			sockets := fake.Get("sockets")
			for i := range sockets.Length() {
				if socket := sockets.Index(i); socket.Get("closes").Int() != 1 || socket.Get("left").Int() != 0 {
					t.Errorf("socket %d stays open", i)
				}
			}
		})
	}
}

// TestBrowser_moreThanHandlersTake has nothing that could stop the hub.
func TestBrowser_moreThanHandlersTake(t *testing.T) {
	fake := browser(t)
	c, s := start(t, &client.Options{QueueLimit: 10_000, ReceiveLimit: 10_000})
	release := make(chan struct{})
	client.On(c, connected.BroadcastMessage, func(connected.Broadcast) { <-release })
	s.await(t, client.Connected)
	socket := fake.Call("now")
	for range 50 {
		socket.Call("emit", "message", map[string]any{"data": eventText("a", strings.Repeat("x", 1_000))})
	}
	if socket.Get("closes").Int() == 0 {
		t.Error("the socket stays open")
	}
	close(release)
	if now := failed(s); !says(now.Err, "more than the handlers of events can take") {
		t.Errorf("%+v", now)
	}
}

// TestBrowser_waitsForTheBrowserToSend looks at what waits in the browser.
func TestBrowser_waitsForTheBrowserToSend(t *testing.T) {
	fake := browser(t)
	c, s := start(t, &client.Options{QueueLimit: 1_000})
	s.await(t, client.Connected)
	socket := fake.Call("now")
	socket.Set("bufferedAmount", 1<<20)
	message := connected.Send{Message: strings.Repeat("x", 600)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var err error
	for err == nil {
		err = client.Send(ctx, c, connected.SendMethod, message)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	socket.Set("bufferedAmount", 0)
	if err := client.Send(t.Context(), c, connected.SendMethod, message); err != nil {
		t.Error(err)
	}
}
