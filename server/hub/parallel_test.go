package hub_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
)

func TestParallelInvocations(t *testing.T) {
	for _, limit := range []int{0, 1, 3} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			var now, most, order atomic.Int64
			m := talk(func(*hub.Context) error {
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				<-time.After(time.Second / 2)
				now.Add(-1)
				return nil
			})
			m.OnConnect(func(*hub.Context) error {
				<-time.After(time.Second)
				order.Add(1)
				if now.Load() > 0 {
					t.Error("a call ran beside OnConnect")
				}
				return nil
			})
			m.OnDisconnect(func(*hub.Context, error) {
				if now.Load() > 0 {
					t.Error("a call ran beside OnDisconnect")
				}
				order.Add(1)
			})
			bubble(t, m, &hub.Options{ParallelInvocations: limit}, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
				p := open("p")
				begin := time.Now()
				want := ""
				for i := range 6 {
					id := fmt.Sprint(i)
					if _, err := p.conn.Receive([]byte(`{"type":1,"invocationId":"` + id + `","target":"Run","arguments":[]}` + rs)); err != nil {
						t.Fatal(err)
					}
					want += completion(id, `"result":null`) + rs
				}
				if _, err := p.conn.Receive([]byte(`{"type":7}` + rs)); err != nil {
					t.Fatal(err)
				}
				for !p.isClosed() {
					advance(100 * time.Millisecond)
				}
				synctest.Wait()
				parallel := int64(max(limit, 1))
				if most.Load() != parallel {
					t.Errorf("%d calls ran at once, want %d", most.Load(), parallel)
				}
				if took, want := time.Since(begin), time.Duration(2+6/parallel)*time.Second/2; took < want || took > want+time.Second/2 {
					t.Errorf("took %v, want %v", took, want)
				}
				if got := p.seen(); limit <= 1 && got != want {
					t.Errorf("saw  %q\nwant %q", got, want)
				} else if len(got) != len(want) {
					t.Errorf("saw  %q\nwant all of %q", got, want)
				}
				if order.Load() != 2 {
					t.Errorf("%d of connect and disconnect ran", order.Load())
				}
			})
		})
	}
}

func TestStreamLimit(t *testing.T) {
	flows(t, flow{}.mux(), &hub.Options{StreamLimit: 2}, func(t *testing.T, p *peer, open func(string) *peer, _ *hub.Core) {
		p.say(t, stream("1", `1,"wait"`))
		p.say(t, `{"type":1,"invocationId":"2","target":"AddUp","arguments":[2],"streamIds":["s"]}`)
		p.expect(t, item("1", 0))
		const full = " HubException: As many streams are open on this connection as may be."
		p.say(t, stream("3", `1,"wait"`))
		p.expect(t, failed("3", "An unexpected error occurred invoking 'Count' on the server."+full))
		p.say(t, `{"type":1,"invocationId":"4","target":"AddUp","arguments":[2],"streamIds":["r"]}`, item("r", 1), completion("r", ""))
		p.expect(t, failed("4", hubFails+full))
		open("other").say(t, stream("1", `1,"wait"`))
		p.say(t, item("s", 4), completion("s", ""))
		p.say(t, stream("3", `1,""`))
		p.expect(t, completion("2", `"result":8`), item("3", 0), completion("3", ""))
	})
}
