package hub_test

import (
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// openAs opens a connection of who.
func openAs(t *testing.T, core *hub.Core, id string, who hub.Principal, codec wire.Codec, sink hub.Sink) *hub.Conn {
	t.Helper()
	c, err := core.Open(hub.OpenOptions{Hub: "talk", ID: id, Codec: codec, Sink: sink, Principal: who})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// receive has a connection call with text that is a message.
func receive(t *testing.T, c *hub.Conn, text string) {
	t.Helper()
	if _, err := c.Receive([]byte(text + rs)); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

// Everybody hears who called, as the server knows it, also who called.
func TestSender_isStampedOnWhatACallPublishes(t *testing.T) {
	for _, c := range []struct {
		who  hub.Principal
		want string // of the JSON message
		list []wire.Header
	}{
		{hub.Principal{}, ``, nil},
		{hub.Principal{Icon: "https://pictures.example/x.png", Roles: []string{"editor"}}, ``, nil},
		{hub.Principal{ID: "ann"}, `"headers":{"from-id":"ann"},`, []wire.Header{{Name: "from-id", Value: "ann"}}},
		{
			hub.Principal{ID: "ann", Name: `Ann "<b>`, Icon: "https://pictures.example/ann.png", Session: "secret", Claims: map[string]string{"a": "secret"}},
			`"headers":{"from-id":"ann","from-name":"Ann \"<b>","from-icon":"https://pictures.example/ann.png"},`,
			[]wire.Header{{Name: "from-id", Value: "ann"}, {Name: "from-name", Value: `Ann "<b>`}, {Name: "from-icon", Value: "https://pictures.example/ann.png"}},
		},
		{
			hub.Principal{Name: "Bob"}, `"headers":{"from-name":"Bob","from-guest":"true"},`,
			[]wire.Header{{Name: "from-name", Value: "Bob"}, {Name: "from-guest", Value: "true"}},
		},
	} {
		bubble(t, talk(nil), nil, func(t *testing.T, open func(id string) *peer, core *hub.Core) {
			listener, speaker, binary := open("listener"), &peer{}, &packPeer{}
			conn := openAs(t, core, "speaker", c.who, wire.JSON, speaker)
			openAs(t, core, "binary", hub.Principal{}, wire.MessagePack, binary)
			receive(t, conn, `{"type":1,"headers":{"from-id":"forged","from-name":"forged"},"target":"say","arguments":["x"]}`)
			want := `{"type":1,` + c.want + `"target":"heard","arguments":["x"]}` + rs
			for name, p := range map[string]*peer{"who listens": listener, "who speaks": speaker} {
				if got := p.seen(); got != want {
					t.Errorf("%s hears %q, want %q", name, got, want)
				}
			}
			record, _, err := wire.MessagePack.Split(binary.seen(), 1000)
			var m wire.Message
			if err == nil {
				err = wire.MessagePack.Decode(record, &m)
			}
			if err != nil || !reflect.DeepEqual(m.Headers, c.list) {
				t.Errorf("in MessagePack: %q, %v", m.Headers, err)
			}
		})
	}
}

// What a program publishes by itself has no sender, also while somebody calls.
func TestSender_isNobodyOutsideACall(t *testing.T) {
	var m *hub.Mux
	m = talk(func(x *hub.Context) error { return hub.Publish(x, m.All(), heardEvent, say{"x"}) })
	bubble(t, m, nil, func(t *testing.T, open func(id string) *peer, core *hub.Core) {
		listener := open("listener")
		conn := openAs(t, core, "speaker", hub.Principal{ID: "ann", Name: "Ann"}, wire.JSON, &peer{})
		receive(t, conn, `{"type":1,"target":"run","arguments":[]}`)
		if err := hub.Publish(t.Context(), m.Client("listener"), heardEvent, say{"y"}); err != nil {
			t.Fatal(err)
		}
		const want = `{"type":1,"target":"heard","arguments":["x"]}` + rs + `{"type":1,"target":"heard","arguments":["y"]}` + rs
		if got := listener.seen(); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}

// The sender is who the connection is when the event is published.
func TestSender_isWhoTheCallerIsNow(t *testing.T) {
	bubble(t, talk(nil), nil, func(t *testing.T, open func(id string) *peer, core *hub.Core) {
		listener := open("listener")
		conn := openAs(t, core, "speaker", hub.Principal{ID: "ann", Name: "Ann"}, wire.JSON, &peer{})
		if err := conn.SetPrincipal(hub.Principal{ID: "ann", Name: "Ann of Contoso"}); err != nil {
			t.Fatal(err)
		}
		receive(t, conn, `{"type":1,"target":"say","arguments":["x"]}`)
		const want = `{"type":1,"headers":{"from-id":"ann","from-name":"Ann of Contoso"},"target":"heard","arguments":["x"]}` + rs
		if got := listener.seen(); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}

// An event with a sender is encoded once, however many hear it.
func TestSender_isEncodedOnce(t *testing.T) {
	bubble(t, talk(nil), nil, func(t *testing.T, _ func(id string) *peer, core *hub.Core) {
		for i := range 100 {
			openAs(t, core, fmt.Sprint("c", i), hub.Principal{}, counting, &wellSink{})
		}
		conn := openAs(t, core, "speaker", hub.Principal{ID: "ann", Name: "Ann"}, counting, &wellSink{})
		before := encodedCount.Load()
		receive(t, conn, `{"type":1,"target":"say","arguments":["x"]}`)
		if n := encodedCount.Load() - before; n != 1 {
			t.Errorf("encoded %d times for 101 connections", n)
		}
	})
}
