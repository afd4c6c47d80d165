package hub_test

import (
	"errors"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// quoting is the codec of a client to whom chunks are JSON.
type quoting struct{ wire.Codec }

func (quoting) AppendRaw(dst, chunk []byte, json bool) []byte {
	if json {
		return append(append(dst, "json "...), chunk...)
	}
	return append(append(dst, "text "...), chunk...)
}

var (
	rawForm     = hub.NewEncoding(hub.Raw, nil)
	quotingForm = hub.NewEncoding(quoting{wire.JSON}, nil)
)

// rawClient keeps the chunks that it gets.
type rawClient struct {
	form *hub.Encoding
	got  []string
}

func (c *rawClient) Send(e *hub.Event) error {
	b, err := e.Bytes(c.form)
	if err == nil {
		c.got = append(c.got, string(b))
	}
	return err
}

func (*rawClient) Room() <-chan struct{} { return nil }

func (*rawClient) Close(hub.CloseReason) {}

func TestPublishRaw(t *testing.T) {
	m := hub.NewRaw("talk")
	if m.API() != nil || m.Name() != "talk" {
		t.Errorf("it is called %q and has the API %v", m.Name(), m.API())
	}
	bubble(t, m, nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		open := func(id string, form *hub.Encoding) *rawClient {
			c := &rawClient{form: form}
			if _, err := core.Open(hub.OpenOptions{Hub: "talk", ID: id, Codec: form.Codec(), Sink: c, Quiet: true}); err != nil {
				t.Fatal(err)
			}
			return c
		}
		bare, quoted := open("a", rawForm), open("b", quotingForm)
		if err := m.Join("b", "g"); err != nil {
			t.Fatal(err)
		}
		chunk := []byte("one\xff")
		for _, err := range []error{
			hub.PublishRaw(t.Context(), m.All(), chunk),
			hub.PublishRawJSON(t.Context(), m.All(), []byte(` {"n": 2} `)),
			hub.PublishRaw(t.Context(), m.Group("g"), []byte("three")),
			hub.PublishRaw(t.Context(), m.AllExcept("b"), nil),
		} {
			if err != nil {
				t.Error(err)
			}
		}
		clear(chunk) // it is ours again
		for _, bad := range []string{"", "{", "1 2", `"` + "\xff" + `"`, strings.Repeat("[", 100)} {
			if err := hub.PublishRawJSON(t.Context(), m.All(), []byte(bad)); err == nil {
				t.Errorf("%q is taken for JSON", bad)
			}
		}
		if err := hub.Publish(t.Context(), m.All(), heardEvent, say{}); !errors.Is(err, hub.ErrForeign) {
			t.Errorf("an event on a raw hub gave %v", err)
		}
		if err := hub.PublishRaw(t.Context(), m.Group(""), nil); !errors.Is(err, contract.ErrName) {
			t.Errorf("a group without a name gave %v", err)
		}
		if want := []string{"one\xff", `{"n": 2}`, ""}; strings.Join(bare.got, "|") != strings.Join(want, "|") {
			t.Errorf("the bytes are %q, want %q", bare.got, want)
		}
		if want := []string{"text one\xff", `json {"n": 2}`, "text three"}; strings.Join(quoted.got, "|") != strings.Join(want, "|") {
			t.Errorf("the JSON is %q, want %q", quoted.got, want)
		}
		// What the core tells any client is nothing here.
		core.Close()
		if last := bare.got[len(bare.got)-1]; len(bare.got) != 4 || last != "" {
			t.Errorf("a client of bytes was told %q", last)
		}
	})
}

func TestPublishRaw_needsARawHub(t *testing.T) {
	if err := hub.PublishRaw(t.Context(), hub.NewRaw("r").All(), nil); !errors.Is(err, hub.ErrNotMounted) {
		t.Errorf("a hub that is not mounted gave %v", err)
	}
	bubble(t, talk(nil), nil, func(t *testing.T, open func(string) *peer, core *hub.Core) {
		p := open("p")
		if err := hub.PublishRaw(t.Context(), core.Hub("talk").All(), []byte("x")); !errors.Is(err, hub.ErrForeign) {
			t.Errorf("bytes on a hub with an API gave %v", err)
		}
		p.expect(t)
	})
	m := hub.NewRaw("talk")
	bubble(t, m, nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		if err := hub.PublishRaw(t.Context(), m.All(), []byte("x")); err == nil {
			t.Error("a codec of hub messages carries bytes")
		}
		p.expect(t)
		if a := p.asked(t, "any", "[]", 0); !errors.Is(a.Err, hub.ErrUnknownMethod) {
			t.Errorf("a call gave %v", a.Err)
		}
	})
}

// namesHub is a codec that writes the name of an event's hub.
type namesHub struct{ wire.Codec }

func (namesHub) Append(dst []byte, m *wire.Message) []byte {
	return append(append(append(dst, m.Hub...), '.'), m.Target...)
}

func TestPublish_namesTheHubAsClassicClientsKnowIt(t *testing.T) {
	h := contract.NewHub("talk", contract.ClassicName("TalkHub"))
	said := contract.NewEvent[say](h, "said")
	m := hub.New(contract.NewAPI(h, said))
	bubble(t, m, nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		form := hub.NewEncoding(namesHub{wire.JSON}, nil)
		c := &rawClient{form: form}
		if _, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "p", Codec: form.Codec(), Sink: c}); err != nil {
			t.Fatal(err)
		}
		if err := hub.Publish(t.Context(), m.All(), said, say{}); err != nil {
			t.Fatal(err)
		}
		if len(c.got) != 1 || c.got[0] != "TalkHub.said" {
			t.Errorf("got %q", c.got)
		}
	})
}
