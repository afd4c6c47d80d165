package main

import (
	"fmt"
	"time"

	"partline.dev/server"
	"partline.dev/server/grants"
	"partline.dev/shared/contract"
)

// ticketCommand is the flags of partline ticket. Their meaning is that of
// [grants.Ticket].
type ticketCommand struct {
	Tenant string   `help:"Whose user it is for. Default: that of a server with one tenant." placeholder:"NAME"`
	User   string   `help:"The user's id. Default: a guest." placeholder:"ID"`
	Name   string   `help:"What people read as the user's name." placeholder:"NAME"`
	Icon   string   `help:"The https address of a picture of the user." placeholder:"URL"`
	Role   []string `sep:"none" help:"A role of the user. May be repeated." placeholder:"ROLE"`
	Hub    []string `sep:"none" help:"A hub where the ticket is good. May be repeated. Default: all." placeholder:"HUB"`
	Scope  []string `help:"A scope that the user may be in: page, session, user, place, tenant or world; the first of them to begin with. May be repeated. Default: all that the tenant allows." placeholder:"SCOPE"`
	Place  []string `sep:"none" help:"A place that the user may enter. May be repeated." placeholder:"NAME"`

	For     time.Duration `help:"How long the ticket may be used." default:"60s"`
	Session time.Duration `help:"How long what it opens may go on." default:"8h"`

	dataFlags

	Part      string `help:"Print the HTML that shows this part with the ticket." placeholder:"PART"`
	PublicURL string `help:"Where people reach the server, as for serve; with --part." placeholder:"URL"`
}

// Run makes the ticket and prints it alone, for whoever calls this.
func (c *ticketCommand) Run() error {
	t := grants.Ticket{
		Tenant: c.Tenant, User: c.User, Name: c.Name, Icon: c.Icon,
		Roles: c.Role, Hubs: c.Hub, Places: c.Place, For: c.For, Session: c.Session,
	}
	for i, word := range c.Scope {
		s, err := contract.ParseScope(word)
		if err != nil {
			return fmt.Errorf("--scope: %w", err)
		}
		if i == 0 {
			t.Scope = s
		}
		t.Scopes |= contract.ScopesOf(s)
	}
	text, err := server.MintTicket(c.data(false), c.Keys, t)
	if err != nil {
		return err
	}
	if c.Part != "" {
		if text, err = server.TicketSnippet(c.PublicURL, c.Part, t, text); err != nil {
			return err
		}
	}
	fmt.Println(text)
	return nil
}
