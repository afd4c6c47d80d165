package support

import (
	"context"
	"errors"
	"iter"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// desk is the hub. One value serves all connections, so what it keeps between
// calls needs a lock.
type desk struct {
	store Store
}

// Store keeps what was said.
type Store interface {
	Append(ctx context.Context, user, room, text string) error
}

// New returns the hub, over a store.
func New(store Store) *hub.Mux {
	d := &desk{store: store}
	m := hub.New(API)
	m.Authorize(signedIn)
	m.Use(hub.Filter{Invoke: slow})
	m.OnConnect(d.connect)
	m.OnDisconnect(d.disconnect)
	hub.Handle(m, Say, d.say)
	hub.Handle(m, Join, d.join)
	hub.Handle(m, Leave, d.leave)
	hub.Handle(m, CloseRoom, d.closeRoom, hub.Authorize(agent))
	hub.Handle(m, Attach, d.attach)
	hub.Handle(m, AskCustomer, d.askCustomer, hub.Authorize(agent))
	hub.HandleStream(m, Countdown, d.countdown)
	return m
}

// none is a result that says nothing but "done".
type none = contract.None

func (d *desk) say(x *hub.Context, l Line) (none, error) {
	if l.Text == "" {
		return none{}, hub.Errorf("Say something.") // the caller reads this
	}
	user := x.Principal().ID
	if err := d.store.Append(x, user, l.Room, l.Text); err != nil {
		return none{}, err // the caller reads that something went wrong, the log what
	}
	return none{}, hub.Publish(x, x.Group(l.Room), Message, Said{Room: l.Room, From: user, Text: l.Text})
}

func (d *desk) connect(x *hub.Context) error {
	if err := x.Join("lobby"); err != nil {
		return err
	}
	return hub.Publish(x, x.Others(), Came, Who{User: x.Principal().ID})
}

func (d *desk) disconnect(x *hub.Context, err error) {
	// err is nil if the client left in good order.
	_ = hub.Publish(x, x.All(), Left, Who{User: x.Principal().ID})
}

func (d *desk) join(x *hub.Context, r Room) (none, error)  { return none{}, x.Join(r.Name) }
func (d *desk) leave(x *hub.Context, r Room) (none, error) { return none{}, x.Leave(r.Name) }

func (d *desk) closeRoom(x *hub.Context, r Room) (none, error) {
	return none{}, hub.Publish(x, x.Group(r.Name), Closed, r)
}

func (d *desk) countdown(x *hub.Context, s Seconds) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for i := s.From; i > 0; i-- {
			if !yield(i, nil) {
				return
			}
			select {
			case <-tick.C:
			case <-x.Done(): // the client has cancelled, or is gone
				return
			}
		}
	}
}

func (d *desk) attach(x *hub.Context, l Log) (int, error) {
	n := 0
	for line, err := range l.Lines.Values {
		if err != nil {
			return n, err
		}
		if err := d.store.Append(x, x.Principal().ID, "log", line); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (d *desk) askCustomer(x *hub.Context, a Asking) (bool, error) {
	ctx, cancel := context.WithTimeout(x, 30*time.Second)
	defer cancel()
	yes, err := hub.Invoke(ctx, x.Client(a.ConnectionID), Confirm, Question{Text: a.Question})
	if errors.Is(err, context.DeadlineExceeded) {
		return false, hub.Errorf("The customer does not answer.")
	}
	return yes, err
}
