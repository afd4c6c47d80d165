package room_test

import (
	"strings"
	"testing"

	"partline.dev/server/edge/room/roomtest"
	"partline.dev/server/history"
	"partline.dev/server/hub"
	"partline.dev/server/linktest"
)

// TestHostile_link sends a room whatever strangers may send: it is to make the same of
// it as a server at home.
func TestHostile_link(t *testing.T) {
	linktest.Run(t, func(t *testing.T, m *hub.Mux) func() linktest.Client {
		p := &place{T: t, object: roomtest.New()}
		p.options.Hubs = func(history.Log) []*hub.Mux { return []*hub.Mux{m} }
		p.begin()
		return func() linktest.Client {
			made, refusal := p.negotiate(joining{hub: m.Name()})
			if refusal != nil {
				t.Fatalf("%+v", refusal)
			}
			return linkClient{p.socket(made, joining{hub: m.Name()})}
		}
	})
}

// linkClient is a member as package linktest has it.
type linkClient struct{ *member }

func (c linkClient) Send(_ bool, data []byte) {
	if c.object.Closed(c.socket) == nil {
		c.say(string(data))
	}
}

func (c linkClient) Settle() { c.settle() }

func (c linkClient) Take() (string, *linktest.End) {
	got := strings.Join(c.take(), "")
	if end := c.object.Closed(c.socket); end != nil {
		return got, &linktest.End{Code: end.Code, Reason: end.Text}
	}
	return got, nil
}

func (c linkClient) Leave() {
	if c.object.Closed(c.socket) != nil {
		return
	}
	c.object.Gone(c.socket)
	c.room.Closed(c.socket, 1006, false)
	c.settle()
}
