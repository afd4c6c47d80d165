package hub_test

import (
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
)

func TestDrain_endsStreamsAndUploads(t *testing.T) {
	flows(t, flow{}.mux(), &hub.Options{DrainSpread: 1}, func(t *testing.T, p *peer, open func(string) *peer, core *hub.Core) {
		other := open("other")
		p.say(t, stream("1", `1,"wait"`), `{"type":1,"invocationId":"2","target":"AddUp","arguments":[2],"streamIds":["s"]}`)
		other.say(t, ask)
		drained := make(chan error, 1)
		go func() { drained <- core.Drain(t.Context()) }()
		// A method that waits for its client is waited for; a stream may be endless.
		synctest.Wait()
		other.say(t, completion("s1", `"result":"ann"`))
		if err := <-drained; err != nil {
			t.Error(err)
		}
		other.expect(t, asked("s1"), completion("7", `"result":"ann"`), `{"type":7,"allowReconnect":true}`)
		p.expect(t, item("1", 0), `{"type":7,"allowReconnect":true}`)
	})
}

func TestClose_endsEverythingThatWaits(t *testing.T) {
	m := flow{}.mux()
	gone := make(chan error, 1)
	m.OnDisconnect(func(_ *hub.Context, err error) { gone <- err })
	flows(t, m, nil, func(t *testing.T, p *peer, _ func(string) *peer, core *hub.Core) {
		gone = make(chan error, 1)
		p.say(t, stream("1", `1,"wait"`), `{"type":1,"invocationId":"2","target":"AddUp","arguments":[2],"streamIds":["s"]}`, ask)
		core.Close()
		if err := <-gone; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if n := core.Stats().Connections; n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}
