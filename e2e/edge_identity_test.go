package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/shared/access"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

// edgeTenant is an edge with one tenant, whose guests say their names, and a site that
// may show its parts.
type edgeTenant struct {
	*edge

	site *landHost
}

func startEdgeTenant(t *testing.T) *edgeTenant {
	t.Helper()
	site := newLandHost(t, "127.0.0.1:0")
	file := filepath.Join(t.TempDir(), "tenants.yaml")
	content := "tenants: {contoso: {hosts: " + site.origin + ", guests: named, places: any}}\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return &edgeTenant{startEdge(t, "--tenants", file, "--var", "LOG_LEVEL=debug"), site}
}

// part is a frame with a part, the query and the fragment in its address.
func (e *edgeTenant) part(title, name, query, fragment string) string {
	return fmt.Sprintf(`<iframe title="%s" width="400" height="300" src="%s/parts/%s%s%s"></iframe>`,
		title, e.URL, name, strings.ReplaceAll(query, "&", "&amp;"), fragment)
}

// page shows the frames.
func (e *edgeTenant) page(b *chromium.Browser, frames ...string) *chromium.Page {
	return b.Open(e.site.view("/", strings.Join(frames, "")))
}

// nickname says a guest's name in the part.
func nickname(t *testing.T, page *chromium.Page, title, name string) *connectedPart {
	t.Helper()
	p := &connectedPart{page.Inside(title, 0), t}
	p.Find("textbox", "Your name").Type(name)
	p.Find("button", "Use this name").Click()
	p.waitStatus("Connected")
	return p
}

// Who somebody is, and in which place, is decided by the gateway and kept by the room.
func TestEdge_identity(t *testing.T) {
	t.Parallel()
	e := startEdgeTenant(t)
	b := chromium.Start(t, nil)
	ann := func() string { return e.ticket("--tenant", "contoso", "--user", "ann", "--name", "Ann") }

	t.Run("a ticket, and the session after it", func(t *testing.T) {
		ticket := ann()
		p := framed(t, e.page(b, e.part(titleOne, "one", "?room=tickets", "#ticket="+ticket)), titleOne, 0)
		p.say("hello")
		p.expect("Ann · " + speaksOne + ": hello")
		p.again()
		p.say("again")
		p.expect("Ann · " + speaksOne + ": again")
		other := &connectedPart{e.page(b, e.part(titleOne, "one", "?room=tickets", "#ticket="+ticket)).Inside(titleOne, 0), t}
		other.Wait("the reason", `document.body?.innerText.includes("This link has been used already")`)
	})

	t.Run("a guest with a nickname", func(t *testing.T) {
		page := e.page(b, e.part(titleOne, "one", "?scope=tenant", ""), e.part(titleTwo, "two", "?scope=tenant", "#ticket="+ann()))
		guest, two := nickname(t, page, titleOne, "Gast"), framed(t, page, titleTwo, 0)
		guest.say("from a guest")
		two.expect("Gast (guest) · " + speaksOne + ": from a guest")
		two.say("from Ann")
		guest.expect("Gast (guest) · "+speaksOne+": from a guest", "Ann · "+speaksTwo+": from Ann")
	})

	// A part of each place, and a second one of the first: all in the scope of their
	// place, and then in that of everybody, who are those in the same room.
	t.Run("two places", func(t *testing.T) {
		parts := map[string]*connectedPart{}
		for _, at := range [][2]string{{"left", "hall"}, {"right", "hall"}, {"far", "attic"}} {
			page := e.page(b, e.part(at[0], "one", "?scope=place&room="+at[1]+"&name="+at[0], "#ticket="+ann()))
			parts[at[0]] = framed(t, page, at[0], 0)
			parts[at[0]].waitHearers(hearersOf(contract.ScopePlace, at[1]))
		}
		var here, there []string
		said := func(who, text string) {
			line := "Ann · " + who + ": " + text
			parts[who].say(text)
			if who == "far" {
				there = append(there, line)
				parts["far"].expect(there...)
				return
			}
			here = append(here, line)
			parts["left"].expect(here...)
			parts["right"].expect(here...)
		}
		said("left", "in the hall")
		said("far", "in the attic")
		said("right", "and back")
		for _, p := range []string{"left", "right", "far"} {
			voice := &partVoice{parts[p], p}
			voice.enter(contract.ScopeTenant)
			voice.cannot(contract.ScopeWorld)
		}
		said("left", "to everybody in the hall")
		said("far", "to everybody in the attic")
		said("right", "and back again")
	})

	// A reader chooses among the scopes as at home: the other hears no more, and then
	// again.
	t.Run("the selector of scopes", func(t *testing.T) {
		page := e.page(b, e.part(titleOne, "one", "?room=studio", "#ticket="+ann()), e.part(titleTwo, "two", "?room=studio", "#ticket="+ann()))
		one := &partVoice{framed(t, page, titleOne, 0), titleOne}
		two := &partVoice{framed(t, page, titleTwo, 0), titleTwo}
		one.say("on the page")
		lines := []string{"Ann · " + speaksOne + ": on the page"}
		for _, s := range []contract.Scope{contract.ScopeSession, contract.ScopeUser, contract.ScopePlace, contract.ScopeTenant} {
			one.enter(s)
			one.say("alone in " + string(s))
			two.enter(s)
			one.say("to " + string(s))
			lines = append(lines, "Ann · "+speaksOne+": to "+string(s))
			two.expect(lines...)
		}
	})

	t.Run("another place needs another connection", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c, err := client.Dial(ctx, e.URL+"/hubs/connected", connected.Hub, &client.Options{
			Join: func(context.Context) (access.Request, error) {
				return access.Request{Ticket: ann(), Where: access.Where{Scope: contract.ScopePlace, Place: "hall"}}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, err = c.Enter(ctx, access.Where{Scope: contract.ScopePlace, Place: "attic"})
		if errCode(err) != access.CodePlace || !strings.Contains(err.Error(), "You may not enter this place.") {
			t.Errorf("to enter the attic from the hall is answered with %v", err)
		}
		if got, err := c.Enter(ctx, access.Where{Scope: contract.ScopePlace, Place: "hall"}); err != nil || got.Place != "hall" {
			t.Errorf("to enter the hall again is answered with %+v, %v", got, err)
		}
	})
}
