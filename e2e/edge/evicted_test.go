package edge_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/server/edge/inside"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/chat"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/testhub"
	"partline.dev/shared/wire"
)

// idle is more than the ten seconds after which workerd evicts an object, of which it
// says nothing. On a busy machine it can take longer: then the scene is played again,
// with more of it.
const idle = 13 * time.Second

// times are by how much idle is longer each time that a scene is played.
var times = []time.Duration{1, 2, 4}

// settled is when the last alarm of somebody who came, for their handshake, has fired:
// it fires also if there is nothing to do any more.
const settled = 15 * time.Second

// probe tells whether a room has been evicted since its last use, by what its hub keeps
// in memory alone.
type probe struct {
	*member
	steps int
}

func newProbe(t testing.TB, r *runtime, room string) *probe {
	t.Helper()
	m, err := join(t, r, room, "the probe", wire.JSON, inside.Negotiation{Hub: "test"})
	p := &probe{member: m}
	if err == nil {
		err = p.step()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// step counts one step more, which the room has to remember.
func (p *probe) step() error {
	p.steps++
	_, err := call(p.member, testhub.StepMethod, testhub.Step{N: p.steps})
	return err
}

// evicted tells whether the room knows no step any more.
func (p *probe) evicted() (bool, error) {
	err := p.step()
	if err == nil {
		return false, nil
	}
	if !strings.Contains(err.Error(), fmt.Sprintf("step %d comes after step 0", p.steps)) {
		return false, err
	}
	p.steps = 0
	return true, nil
}

// person is somebody in the room of the test, and who hears them.
type person struct {
	*member
	user   string
	groups []string
	place  string // where they are, in words; empty: in the hub without scopes
}

const people = 100

// assemble makes the people of a room: of both protocols, a third of them users, in
// groups, and a fifth of them in scopes.
func assemble(t *testing.T, r *runtime, room string) []*person {
	all := make([]*person, people)
	together(t, people, func(i int) error {
		p := &person{}
		n := inside.Negotiation{Hub: "test", Place: "hall"}
		n.Principal.Places = []string{"hall"}
		if i%3 == 0 {
			p.user = fmt.Sprint("user", i%7)
			n.Principal.ID, n.Principal.Name = p.user, p.user
		} else if i%5 == 0 {
			n.Principal.Name = fmt.Sprint("guest", i)
		}
		if i%5 == 4 {
			n.Hub = "connected"
			switch i / 5 % 4 {
			case 0:
				p.place, n.Where = "the tenant", in(contract.ScopeTenant, "", "")
			case 1:
				p.place, n.Where = "the hall", in(contract.ScopePlace, "", "hall")
			case 2:
				p.place, n.Where = "page one", in(contract.ScopePage, page("one"), "")
			case 3: // and moves on
				p.place, n.Where = "page two", in(contract.ScopePage, page("one"), "")
			}
		}
		m, err := join(t, r, room, fmt.Sprintf("member %d of %s", i, room), codecs(i/2), n)
		if err != nil {
			return err
		}
		p.member = m
		all[i] = p
		return p.settle(i)
	})
	for _, p := range all {
		p.forget()
	}
	return all
}

// settle goes into groups, or to another page.
func (p *person) settle(i int) error {
	if p.place == "page two" {
		_, err := call(p.member, access.Enter, access.EnterRequest{Where: in(contract.ScopePage, page("two"), "")})
		return err
	}
	if p.place != "" {
		return nil
	}
	p.groups = []string{fmt.Sprint("five", i%5), fmt.Sprint("seven", i%7)}
	for _, name := range append(slices.Clone(p.groups), "left") {
		if _, err := call(p.member, testhub.JoinMethod, testhub.Name{Name: name}); err != nil {
			return err
		}
	}
	if i%5 == 0 && p.user == "" {
		if _, err := call(p.member, access.Rename, access.RenameRequest{Name: fmt.Sprint("renamed", i)}); err != nil {
			return err
		}
	}
	_, err := call(p.member, testhub.LeaveMethod, testhub.Name{Name: "left"})
	return err
}

// battery says something to every target, and checks that whoever is meant hears it
// once, and nothing else.
func battery(all []*person, round string) error {
	expected := map[*person][]string{}
	from := map[string]*person{} // somebody in each place
	for _, p := range all {
		if from[p.place] == nil {
			from[p.place] = p
		}
	}
	speaker := from[""]
	tell := func(whom string, meant func(p *person) bool, names, except []string) error {
		text := fmt.Sprint(round, " ", whom, " ", names)
		for _, p := range all {
			if p.place == "" && meant(p) {
				expected[p] = append(expected[p], fmt.Sprintf("message: {%s}", text))
			}
		}
		_, err := call(speaker.member, testhub.TellMethod, testhub.Tell{Whom: whom, Text: text, Names: names, Except: except})
		return err
	}
	isIn := func(names ...string) func(p *person) bool {
		return func(p *person) bool {
			return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(p.groups, name) })
		}
	}
	is := func(names ...string) func(p *person) bool {
		return func(p *person) bool { return p.user != "" && slices.Contains(names, p.user) }
	}
	other := all[21]
	for _, err := range []error{
		tell("all", func(*person) bool { return true }, nil, nil),
		tell("group", isIn("five1"), []string{"five1"}, nil),
		tell("groups", isIn("five1", "seven3"), []string{"five1", "seven3"}, nil),
		tell("groupExcept", func(p *person) bool { return isIn("seven0")(p) && p != other }, []string{"seven0"}, []string{other.id}),
		tell("othersInGroup", func(p *person) bool { return isIn("seven0")(p) && p != speaker }, []string{"seven0"}, nil),
		tell("group", isIn("left"), []string{"left"}, nil),
		tell("user", is("user3"), []string{"user3"}, nil),
		tell("users", is("user3", "user5"), []string{"user3", "user5"}, nil),
		tell("client", func(p *person) bool { return p == other }, []string{other.id}, nil),
		tell("allExcept", func(p *person) bool { return p != other }, nil, []string{other.id}),
		tell("others", func(p *person) bool { return p != speaker }, nil, nil),
		tell("all", func(*person) bool { return true }, []string{"the end"}, nil),
	} {
		if err != nil {
			return err
		}
	}
	for place, speaker := range from {
		if place == "" {
			continue
		}
		for _, text := range []string{"hello", "the end"} {
			said := connected.Send{Name: "part", Message: round + " " + text + " in " + place}
			author := said.Name
			if speaker.user != "" {
				author = speaker.user + " · " + said.Name
			}
			for _, p := range all {
				if p.place == place {
					expected[p] = append(expected[p], fmt.Sprintf("broadcastMessage: {%s %s}", author, said.Message))
				}
			}
			if _, err := call(speaker.member, connected.SendMethod, said); err != nil {
				return err
			}
		}
	}
	for _, p := range all {
		if err := p.await(len(expected[p]), nil); err != nil {
			return err
		}
		if heard := p.forget(); !slices.Equal(heard, expected[p]) {
			return fmt.Errorf("%s (user %q, groups %q, in %q) heard\n%q\nwant\n%q", p.name, p.user, p.groups, p.place, heard, expected[p])
		}
	}
	return nil
}

// TestEvicted leaves rooms alone for longer than they stay in memory, all at once.
func TestEvicted(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir(), nil)
	var scenes sync.WaitGroup
	scene := func(name string, play func(t *testing.T, room string, idle time.Duration) (evicted bool)) {
		room := strings.ReplaceAll(name, " ", "-")
		scenes.Go(func() {
			t.Run(name, func(t *testing.T) {
				for _, n := range times {
					if play(t, fmt.Sprint(room, n), n*idle) || t.Failed() {
						return
					}
				}
				t.Error("the room was never evicted, so nothing was tried")
			})
		})
	}
	for _, first := range []string{"says something", "leaves", "comes"} {
		scene("then somebody "+first, func(t *testing.T, room string, idle time.Duration) bool { return peopleStay(t, r, room, first, idle) })
	}
	scene("a handshake never comes", func(t *testing.T, room string, _ time.Duration) bool { return noHandshake(t, r, room) })
	for i := range 2 {
		codec := codecs(i)
		for name, play := range map[string]func(*testing.T, *runtime, string, wire.Codec, time.Duration) bool{
			"names and history": namesAndHistory,
			"a session ends":    sessionEnds,
		} {
			scene(name+" in "+codec.Name(), func(t *testing.T, room string, idle time.Duration) bool { return play(t, r, room, codec, idle) })
		}
		for name, under := range map[string]func(*member) (func() error, error){
			"a call goes on": waitingCall,
			"half a message": halfMessage,
		} {
			scene(name+" in "+codec.Name(), func(t *testing.T, room string, _ time.Duration) bool {
				goesOn(t, r, room, codec, under)
				return true
			})
		}
	}
	scenes.Wait()
}

// peopleStay: nobody hears anything of it, the next message reaches all, once, and
// everybody is where they were.
func peopleStay(t *testing.T, r *runtime, room, first string, idle time.Duration) (evicted bool) {
	must := mustOf(t)
	all := assemble(t, r, room)
	p := newProbe(t, r, room)
	must(battery(all, "before"))
	<-time.After(settled + idle)
	for _, one := range all {
		if heard := one.forget(); len(heard) > 0 {
			t.Errorf("%s heard unasked: %q", one.name, heard)
		}
	}
	switch first {
	case "leaves":
		all[99].close()
		all[98].close()
		all = all[:98]
	case "comes":
		_, err := join(t, r, room, "who comes", wire.JSON, inside.Negotiation{Hub: "chat"})
		must(err)
	}
	must(battery(all, "after"))
	evicted = wasEvicted(t, p)
	must(battery(all, "later"))
	return evicted
}

// namesAndHistory looks at what members are called, and at what they have posted, while
// pings come that do not keep the room in memory.
func namesAndHistory(t *testing.T, r *runtime, room string, codec wire.Codec, idle time.Duration) (evicted bool) {
	must := mustOf(t)
	n := inside.Negotiation{Hub: "chat", Principal: hub.Principal{Name: "before"}, Where: in(contract.ScopeTenant, "", "")}
	guest, err := join(t, r, room, "the guest", codec, n)
	must(err)
	p := newProbe(t, r, room)
	_, err = call(guest, access.Rename, access.RenameRequest{Name: "after"})
	must(err)
	first, err := call(guest, chat.PostMethod, chat.Post{Text: "one"})
	must(err)
	guest.forget()
	const pings = 5
	for range pings {
		<-time.After(idle / pings)
		if !codec.Binary() { // the object answers, without the room
			must(guest.write(codec.Append(nil, &wire.Message{Kind: wire.Ping})))
		}
	}
	second, err := call(guest, chat.PostMethod, chat.Post{Text: "two"})
	must(err)
	evicted = wasEvicted(t, p)
	if second.Epoch != first.Epoch || second.Offset != first.Offset+1 {
		t.Errorf("after %+v comes %+v", first, second)
	}
	items, err := replay(guest)
	must(err)
	var said []string
	for _, item := range items {
		if item.Message == nil {
			t.Fatalf("a gap: %+v", item.Gap)
		}
		said = append(said, item.Message.Author+": "+item.Message.Text)
	}
	if want := []string{"after (guest): one", "after (guest): two"}; !slices.Equal(said, want) {
		t.Errorf("kept is %q, want %q", said, want)
	}
	pongs := 0
	for _, what := range guest.forget() {
		if what == fmt.Sprint("kind ", wire.Ping) {
			pongs++
		}
	}
	if !codec.Binary() && pongs != pings {
		t.Errorf("%d pings were answered %d times", pings, pongs)
	}
	return evicted
}

// mustOf fails t with an error.
func mustOf(t testing.TB) func(error) {
	return func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}
