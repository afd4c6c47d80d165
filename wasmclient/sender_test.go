package client_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/access"
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// TestOnFrom hears who sent an event, as the hub says it.
func TestOnFrom(t *testing.T) {
	for headers, want := range map[string]access.Person{
		``:              {},
		`"headers":{},`: {},
		`"headers":{"from-id":"ann","from-name":"Ann","from-icon":"https://pictures.example/a.png"},`: {ID: "ann", Name: "Ann", Icon: "https://pictures.example/a.png"},
		`"headers":{"from-name":"Bob","from-guest":"true","traceparent":"00"},`:                       {Name: "Bob", Guest: true},
		`"headers":{"from-guest":"yes","From-Id":"x","from-id":7},`:                                   {},
		`"headers":{"from-id":"a","from-id":"b"},`:                                                    {ID: "b"},
	} {
		synctest.Test(t, func(t *testing.T) {
			hub := newFakeHub(t)
			c := hub.newClient(nil)
			var from []access.Person
			heard := 0
			off := client.OnFrom(c, connected.BroadcastMessage, func(p access.Person, b connected.Broadcast) {
				if b.Name != "label" {
					t.Errorf("hears %+v", b)
				}
				from = append(from, p)
			})
			client.On(c, connected.BroadcastMessage, func(connected.Broadcast) { heard++ })
			run(t, c)
			conn := hub.accept()
			conn.send(`{"type":1,` + headers + `"target":"broadcastMessage","arguments":["label","x"]}` + "\x1e")
			synctest.Wait()
			off()
			conn.sendEvent("label", "y")
			synctest.Wait()
			if len(from) != 1 || from[0] != want || heard != 2 {
				t.Errorf("%s is %+v; %d were heard", headers, from, heard)
			}
		})
	}
}

// TestOnFrom_headersCount against what may wait.
func TestOnFrom_headersCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(&client.Options{QueueLimit: 16 << 10, ServerTimeout: time.Hour})
		release := make(chan struct{})
		client.OnFrom(c, connected.BroadcastMessage, func(access.Person, connected.Broadcast) { <-release })
		run(t, c)
		conn := hub.accept()
		long := strings.Repeat("n", 4<<10)
		taken := 0
		go func() {
			for conn.trySend(`{"type":1,"headers":{"from-id":"` + long + `"},"target":"broadcastMessage","arguments":["",""]}` + "\x1e") {
				taken++
			}
		}()
		synctest.Wait()
		// One at work, three that wait, and one that found no room.
		if taken > 6 || c.Queued() > 16<<10 {
			t.Errorf("%d were read, %d bytes wait", taken, c.Queued())
		}
		close(release)
		c.Close()
	})
}

func TestOnFrom_eventOfAnotherHub(t *testing.T) {
	defer func() {
		if got, _ := recover().(string); !strings.Contains(got, "belongs to hub") {
			t.Errorf("panic %q", got)
		}
	}()
	client.OnFrom(client.New(hubURL, access.Hub, nil), connected.BroadcastMessage, func(access.Person, connected.Broadcast) {})
}
