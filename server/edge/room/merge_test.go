package room_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/server/edge/room"
)

func TestRoom_givesManyWhatFollowsInOneMessage(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		var all []*member
		for i := range 24 {
			all = append(all, p.connect(joining{codec: []string{"json", "messagepack"}[i%2]}))
		}
		tell := func(i int, text string) {
			p.room.Message(all[i].socket, []byte(`{"type":1,"target":"TellAll","arguments":["`+text+`"]}`+"\x1e"))
			synctest.Wait()
		}
		tell(0, "first")
		tell(2, "second")
		p.room.Message(all[4].socket, []byte(`{"type":1,"invocationId":"1","target":"TellAll","arguments":["third"]}`+"\x1e"))
		synctest.Wait()
		tell(0, "fourth")
		p.settle()
		for i, m := range all {
			got := m.take()
			switch {
			case i%2 == 0: // the answer to one of them stands between, in its place
				want := []string{toldMessage("first") + toldMessage("second") + toldMessage("third"), toldMessage("fourth")}
				if i == 4 {
					want = slices.Insert(want, 1, done)
				}
				if !slices.Equal(got, want) {
					t.Errorf("member %d heard %q, want %q", i, got, want)
				}
			case len(got) != 1 || strings.Count(got[0], "told") != 4 || strings.Index(got[0], "first") > strings.Index(got[0], "fourth"):
				t.Errorf("member %d heard %q", i, got)
			}
		}
		all[0].call("TellAll", `["later"]`)
		for i, m := range all[1:] {
			if got := m.take(); len(got) != 1 || strings.Count(got[0], "told") != 1 {
				t.Errorf("member %d then heard %q", i+1, got)
			}
		}
	})
}
