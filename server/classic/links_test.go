package classic_test

import (
	"testing"

	"partline.dev/server/classic"
)

func said(name, message string) string {
	return `{"H":"chatHub","M":"broadcastMessage","A":["` + name + `","` + message + `"]}`
}

func TestTalk_overEachTransport(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat())
		c, other := s.connected(way, "chatHub"), s.connected("webSockets", "chatHub")
		if got := c.call("Send", "ann", "hi"); way != "webSockets" && got != `{"I":"0"}` {
			t.Errorf("the result was %s", got)
		}
		c.expect(said("ann", "hi"))
		other.expect(said("ann", "hi"))
	})
}
