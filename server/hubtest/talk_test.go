package hubtest_test

import (
	"errors"
	"iter"
	"strings"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// The hub of these tests: it says to everybody what somebody says.
type (
	line   struct{ Text string }
	pieces struct {
		Between string
		Pieces  contract.Upload[string]
	}
)

var (
	talk  = contract.NewHub("talk")
	say   = contract.NewMethod[line, line](talk, "say")
	told  = contract.NewEvent[line](talk, "told")
	left  = contract.NewEvent[line](talk, "left")
	hangs = contract.NewMethod[contract.None, contract.None](talk, "hangs")
	count = contract.NewStream[line, int](talk, "count")
	join  = contract.NewMethod[pieces, string](talk, "join")
	upper = contract.NewStream[pieces, string](talk, "upper")
	ask   = contract.NewMethod[line, string](talk, "ask")
	name  = contract.NewQuery[line, string](talk, "name")
	api   = contract.NewAPI(talk, say, told, left, hangs, count, join, upper, ask, name)
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
	hub.HandleStream(m, count, func(x *hub.Context, l line) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range len(l.Text) {
				if l.Text[i] == '!' {
					yield(0, hub.Errorf("no shouting"))
					return
				}
				if !yield(i, nil) {
					return
				}
			}
			if l.Text == "" {
				<-x.Done()
			}
		}
	})
	hub.Handle(m, join, func(_ *hub.Context, p pieces) (string, error) {
		var all []string
		for piece, err := range p.Pieces.Values {
			if told := (*hub.ClientError)(nil); errors.As(err, &told) {
				return "", hub.Errorf("the client says: %s", told.Message)
			}
			if err != nil {
				return "", err
			}
			if piece == "stop" {
				break
			}
			all = append(all, piece)
		}
		return strings.Join(all, p.Between), nil
	})
	hub.HandleStream(m, upper, func(_ *hub.Context, p pieces) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for piece, err := range p.Pieces.Values {
				if !yield(strings.ToUpper(piece), err) || err != nil {
					return
				}
			}
		}
	})
	hub.Handle(m, ask, func(x *hub.Context, l line) (string, error) {
		answer, err := hub.Invoke(x, x.Caller(), name, l)
		if told := (*hub.ClientError)(nil); errors.As(err, &told) {
			return "", hub.Errorf("%s", told.Message)
		}
		return answer, err
	})
	hub.Handle(m, hangs, func(x *hub.Context, _ contract.None) (contract.None, error) {
		<-x.Done()
		return contract.None{}, x.Err()
	})
	return m
}
