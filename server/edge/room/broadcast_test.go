package room_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"partline.dev/server/connected"
	"partline.dev/server/edge/inside"
	"partline.dev/server/edge/room"
	"partline.dev/server/edge/room/roomtest"
	"partline.dev/server/history"
	"partline.dev/server/hub"
)

// deaf is an object that sends nothing, and counts.
type deaf struct {
	*roomtest.Fake
	deliveries int
}

func (d *deaf) Send(sockets []int32, _ bool, _ []byte) { d.deliveries += len(sockets) }

// BenchmarkBroadcast is one call that everybody in a room hears, as an event of the
// object's. Under GOOS=js it is what a Worker runs.
func BenchmarkBroadcast(b *testing.B) {
	const members = 300
	hello := map[string]string{"json": `{"protocol":"json","version":1}` + "\x1e", "messagepack": `{"protocol":"messagepack","version":1}` + "\x1e"}
	for name, codecs := range map[string][]string{"JSON": {"json", "json"}, "MessagePack": {"json", "messagepack"}} {
		b.Run(name, func(b *testing.B) {
			o := &deaf{Fake: roomtest.New()}
			r, err := room.New(o, room.Options{Hubs: func(history.Log) []*hub.Mux { return []*hub.Mux{connected.New()} }})
			if err != nil {
				b.Fatal(err)
			}
			flush := func() {
				for r.Flush() {
					runtime.Gosched() // to the handler
				}
			}
			for i := range int32(members) {
				body, err := json.Marshal(inside.Negotiation{Version: inside.Version, Hub: "connected", Address: fmt.Sprint(i)})
				if err != nil {
					b.Fatal(err)
				}
				_, reply := r.Ask(inside.PathNegotiate, body)
				var made inside.Negotiated
				if err := json.Unmarshal(reply, &made); err != nil {
					b.Fatal(err)
				}
				o.Open(i)
				if refusal := r.Connect(i, room.Connecting{Hub: "connected", Token: made.Token}); refusal != nil {
					b.Fatal(refusal.Text)
				}
				r.Message(i, []byte(hello[codecs[min(i, 1)]]))
				flush()
			}
			call := []byte(`{"type":1,"target":"Send","arguments":["a","` + strings.Repeat("x", 200) + `"]}` + "\x1e")
			o.deliveries = 0
			for b.Loop() {
				r.Message(0, call)
				flush()
			}
			if o.deliveries != members*b.N {
				b.Errorf("%d calls led to %d deliveries", b.N, o.deliveries)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(o.deliveries), "ns/delivery")
		})
	}
}
