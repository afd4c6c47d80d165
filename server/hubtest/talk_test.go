package hubtest_test

import (
	"errors"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// The hub of these tests: it says to everybody what somebody says.
type line struct{ Text string }

var (
	talk  = contract.NewHub("talk")
	say   = contract.NewMethod[line, line](talk, "say")
	told  = contract.NewEvent[line](talk, "told")
	left  = contract.NewEvent[line](talk, "left")
	hangs = contract.NewMethod[contract.None, contract.None](talk, "hangs")
	api   = contract.NewAPI(talk, say, told, left, hangs)
)

func newTalk() *hub.Mux {
	m := hub.New(api)
	m.OnConnect(func(x *hub.Context) error {
		switch x.Principal().ID {
		case "mallory":
			return hub.Errorf("not you")
		case "nobody":
			return errors.New("inside")
		}
		return nil
	})
	m.OnDisconnect(func(x *hub.Context, _ error) {
		_ = hub.Publish(x, x.All(), left, line{x.Principal().Name})
	})
	hub.Handle(m, say, func(x *hub.Context, l line) (line, error) {
		switch l.Text {
		case "":
			return l, hub.Errorf("say something")
		case "fail":
			return l, errors.New("the disk is full")
		case "panic":
			panic("no")
		case "abort":
			x.Abort()
		}
		return line{"you said " + l.Text}, hub.Publish(x, x.All(), told, l)
	})
	hub.Handle(m, hangs, func(x *hub.Context, _ contract.None) (contract.None, error) {
		<-x.Done()
		return contract.None{}, x.Err()
	})
	return m
}
