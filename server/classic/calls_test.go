package classic_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/classic"
)

// result sends a call and waits for what its caller hears.
func (c *client) result(message string) string {
	c.t.Helper()
	if got := c.say(message); got != "" || c.kind != "webSockets" {
		return got
	}
	for {
		e, err := c.receive(c.t.Context())
		if err != nil {
			c.t.Fatalf("%s: %v", message, err)
		}
		if e.I != "" {
			return e.text
		}
	}
}

const generalText = "There was an error invoking Hub method '"

func TestCall(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat(), newOther())
		c := s.connected(way, "chatHub")
		for _, one := range []struct{ call, want string }{
			{`{"H":"chathub","M":"Echo","A":["a","b"],"I":0}`, `{"I":"0","R":{"Name":"a","Message":"b"}}`},
			{`{"H":"CHATHUB","M":"eCHO","A":["a","b"],"I":"x"}`, `{"I":"x","R":{"Name":"a","Message":"b"}}`},
			{`{"I":1,"A":["\ud83d\ude00\u2028","</script>"],"M":"Echo","H":"chatHub","more":{}}`, "{\"I\":\"1\",\"R\":{\"Name\":\"😀\u2028\",\"Message\":\"</script>\"}}"},
			{`{"H":"chathub","M":"Join","A":["r"],"I":2}`, `{"I":"2"}`},

			// Overloads, by their count.
			{`{"H":"chathub","M":"Add","A":[1],"I":3}`, `{"I":"3","R":1}`},
			{`{"H":"chathub","M":"add","A":[1,2],"I":4}`, `{"I":"4","R":3}`},

			// What the hub says to its caller.
			{`{"H":"chathub","M":"Refuse","A":[],"I":5}`, `{"I":"5","E":"No.","H":true,"D":{"A":7}}`},
			{`{"H":"chathub","M":"Refuse","I":6}`, `{"I":"6","E":"No.","H":true,"D":{"A":7}}`},

			// What it does not: names as they were sent.
			{`{"H":"chathub","M":"Fail","A":[],"I":7}`, `{"I":"7","E":"` + generalText + `chathub.Fail'."}`},
			{`{"H":"ChatHub","M":"fail","A":[],"I":8}`, `{"I":"8","E":"` + generalText + `ChatHub.fail'."}`},
			{`{"H":"chathub","M":"Nope","A":[],"I":9}`, `{"I":"9","E":"` + generalText + `chathub.Nope'."}`},
			{`{"H":"chathub","M":"Add","A":[1,2,3],"I":10}`, `{"I":"10","E":"` + generalText + `chathub.Add'."}`},
			{`{"H":"chathub","M":"Add","A":["one"],"I":11}`, `{"I":"11","E":"` + generalText + `chathub.Add'."}`},
			{`{"H":"chathub","M":"OnlyVIP","A":[],"I":12}`, `{"I":"12","E":"` + generalText + `chathub.OnlyVIP'."}`},

			// A hub that it did not list can be called all the same.
			{`{"H":"otherhub","M":"Send","A":["a","b"],"I":13}`, `{"I":"13"}`},

			// The state that the method changes.
			{`{"H":"chathub","M":"Count","A":[],"I":14,"S":{"count":4,"other":"x"}}`, `{"I":"14","R":5,"S":{"count":5}}`},
			{`{"H":"chathub","M":"Count","A":[],"I":15}`, `{"I":"15","R":1,"S":{"count":1}}`},
			{`{"H":"chathub","M":"Echo","A":["a","b"],"I":16,"S":{"count":4}}`, `{"I":"16","R":{"Name":"a","Message":"b"}}`},
		} {
			if got := c.result(one.call); got != one.want {
				t.Errorf("%s\n got %s\nwant %s", one.call, got, one.want)
			}
		}
	})
}

func TestCall_detailedErrors(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{DetailedErrors: true}, nil, newChat(), newVIP())
		c := s.connected(way, "chatHub")
		for _, one := range []struct{ call, want string }{
			{`{"H":"chathub","M":"Nope","A":[],"I":0}`, `{"I":"0","E":"'Nope' method could not be resolved. No method found with that name."}`},
			{
				`{"H":"chathub","M":"Add","A":[1,2,3],"I":1}`,
				`{"I":"1","E":"'Add' method could not be resolved. Potential candidates are: \nAdd(a:Int32):Int32\nAdd(a:Int32, b:Int32):Int32"}`,
			},
			{
				`{"H":"chathub","M":"Send","A":[],"I":2}`,
				`{"I":"2","E":"'Send' method could not be resolved. Potential candidates are: \nSend(name:String, message:String):Void"}`,
			},
			{`{"H":"chathub","M":"OnlyVIP","A":[],"I":3}`, `{"I":"3","E":"Caller is not authorized to invoke the OnlyVIP method on chathub."}`},
			{`{"H":"vip","M":"Enter","A":[],"I":8}`, `{"I":"8","E":"Caller is not authorized to invoke the Enter method on vip."}`},
			{`{"H":"chathub","M":"Fail","A":[],"I":4}`, `{"I":"4","E":"context deadline exceeded"}`},
			{`{"H":"chathub","M":"Refuse","A":[],"I":5}`, `{"I":"5","E":"No.","H":true,"D":{"A":7}}`},
		} {
			if got := c.result(one.call); got != one.want {
				t.Errorf("%s\n got %s\nwant %s", one.call, got, one.want)
			}
		}
		wrongType := c.result(`{"H":"chathub","M":"Add","A":["one"],"I":6}`)
		if !strings.HasPrefix(wrongType, `{"I":"6","E":"the arguments do not fit`) {
			t.Errorf("%s", wrongType)
		}
	})
}

// Progress comes before the result, in envelopes, also from a hub that the client
// did not list.
func TestCall_progress(t *testing.T) {
	const call = `{"H":"chathub","M":"Step","A":[3],"I":7}`
	for _, hubs := range [][]string{{"chatHub"}, {"otherHub"}, {}} {
		eachWay(t, func(t *testing.T, way string) {
			s := serve(t, classic.Options{}, nil, newChat(), newOther())
			c := s.connected(way, hubs...)
			sent := make(chan error, 1)
			go func() { sent <- c.link.send(t.Context(), call) }()
			c.expect(`{"I":"P|7","P":{"I":"7","D":1}}`, `{"I":"P|7","P":{"I":"7","D":2}}`, `{"I":"P|7","P":{"I":"7","D":3}}`)
			if way == "webSockets" {
				if len(c.results) != 0 {
					t.Errorf("listed %q: the result came before its progress", hubs)
				}
				if e, err := c.receive(t.Context()); err != nil || e.text != `{"I":"7","R":"done"}` {
					t.Errorf("the result was %s, %v", e.text, err)
				}
			}
			if err := <-sent; err != nil {
				t.Fatal(err)
			}
			if way != "webSockets" && (len(c.results) != 1 || c.results[0] != `{"I":"7","R":"done"}`) {
				t.Errorf("the result was %s", c.results)
			}
		})
	}
}

// A poll tells what its client has: once it has the progress of a call, the result
// need not wait.
func TestCall_progressOfPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, classic.Options{}, nil, newChat())
		c := s.connected("longPolling", "chatHub")
		begun := time.Now()
		sent := make(chan error, 1)
		go func() { sent <- c.link.send(t.Context(), `{"H":"chathub","M":"Step","A":[3],"I":7}`) }()
		c.expect(`{"I":"P|7","P":{"I":"7","D":1}}`, `{"I":"P|7","P":{"I":"7","D":2}}`, `{"I":"P|7","P":{"I":"7","D":3}}`)
		ctx, cancel := context.WithCancel(t.Context())
		polled := make(chan error, 1)
		go func() { // as pages do, which have one poll always
			_, err := c.link.next(ctx)
			polled <- err
		}()
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("the result waited %s for a client that had said what it has", waited)
		}
		cancel()
		<-polled
	})
}

// A connection that ends while a call of it reports is answered, and what is
// reported then is nobody's.
func TestCall_progressAfterTheEnd(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat())
		c := s.connected(way, "chatHub")
		sent := make(chan error, 1)
		go func() { sent <- c.link.send(t.Context(), `{"H":"chathub","M":"Step","A":[20000],"I":7}`) }()
		c.next()
		s.core.Close() // and with it every connection
		if err := <-sent; err != nil {
			t.Error(err)
		}
	})
}

// A client hears nothing of hubs that it did not list: it would fail.
func TestPush_onlyOfListedHubs(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat(), newOther())
		c := s.connected(way, "otherHub")
		c.result(`{"H":"chathub","M":"Join","A":["r"],"I":0}`)
		c.result(`{"H":"chathub","M":"Tell","A":["r"],"I":1}`)
		c.result(`{"H":"chathub","M":"Send","A":["a","b"],"I":2}`)
		c.result(`{"H":"otherhub","M":"Send","A":["a","b"],"I":3}`)
		if way == "webSockets" { // what is awaited with a result is dropped above
			if err := c.link.send(t.Context(), `{"H":"otherhub","M":"Send","A":["c","d"],"I":4}`); err != nil {
				t.Fatal(err)
			}
			c.expect(`{"H":"otherHub","M":"said","A":["c","d"]}`)
			return
		}
		c.expect(`{"H":"otherHub","M":"said","A":["a","b"]}`)
	})
}

// A call that nobody waits for has no answer, whatever becomes of it.
func TestCall_withoutID(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		s := serve(t, classic.Options{}, nil, newChat())
		c := s.connected(way, "chatHub")
		for _, method := range []string{"Nope", "Refuse", "Fail"} {
			if err := c.link.send(t.Context(), `{"H":"chathub","M":"`+method+`","A":[]}`); err != nil {
				t.Fatal(err)
			}
		}
		for _, got := range c.results {
			if got != "" {
				t.Errorf("the answer was %s", got)
			}
		}
		if got := c.result(`{"H":"chathub","M":"Add","A":[1],"I":9}`); got != `{"I":"9","R":1}` {
			t.Errorf("the next call: %s", got)
		}
	})
}
