package room_test

import (
	"strings"
	"testing"
	"time"

	"partline.dev/server/edge/room"
	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

func TestRoom_lateAlarmEndsWhatIsOver(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		made, refusal := p.negotiate(joining{hub: "test"})
		if refusal != nil {
			t.Fatal(refusal)
		}
		silent := p.socket(made, joining{hub: "test"})
		guest := p.connect(joining{principal: hub.Principal{ID: "ann", Expires: p.object.Now() + 60_000}})
		at := p.object.Alarmed()
		if want := p.object.Now() + 15_000; at != want {
			t.Errorf("the alarm is at %d, want %d", at, want)
		}
		p.begin() // the alarm is the object's: it stays
		p.object.Advance(time.Hour)
		if !p.object.Due() {
			t.Fatal("there is no alarm")
		}
		p.room.Alarm()
		p.settle()
		if got := silent.take(); len(got) != 1 || !strings.Contains(got[0], "Handshake was canceled.") || p.object.Closed(silent.socket) == nil {
			t.Errorf("who was silent heard %q", got)
		}
		if got := guest.take(); len(got) != 1 || !strings.Contains(got[0], "[expired]") {
			t.Errorf("whose time was over heard %q", got)
		}
		if p.object.Due() {
			p.room.Alarm()
			p.settle()
		}
		if at := p.object.Alarmed(); at != 0 && at <= p.object.Now() {
			t.Errorf("an alarm is left at %d", at)
		}
	})
}

func TestRoom_idleSetsNoAlarm(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		one := p.connect(joining{})
		pack := p.connect(joining{codec: "messagepack"})
		one.call("Join", `["group"]`)
		pack.say(string(wire.MessagePack.Append(nil, &wire.Message{Kind: wire.Ping})))
		one.say(`{"type":6}` + "\x1e" + `{"type":6}` + "\x1e")
		p.object.Advance(time.Hour)
		if p.object.Due() { // the one for the handshakes, which finds nothing to do
			p.room.Alarm()
			p.settle()
		}
		for range 3 {
			p.begin()
			if at := p.object.Alarmed(); at != 0 {
				t.Fatalf("an idle room is to be woken at %d, now is %d", at, p.object.Now())
			}
			p.object.Advance(time.Hour)
		}
	})
}
