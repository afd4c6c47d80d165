package server

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"partline.dev/app/address"
	"partline.dev/app/part"
	"partline.dev/app/parts"
	"partline.dev/server/grants"
	"partline.dev/server/keys"
	"partline.dev/shared/contract"
)

// MintTicket makes a ticket that servers with the same keys take: those of the file
// that Options.Keys names, or of the one in the folder Options.Data. The file must
// be there, as a server has made it.
func MintTicket(data, file string, t grants.Ticket) (string, error) {
	file = keyFile(data, file)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there are no keys at %s; name those of the server with --data or --keys", file)
	}
	ring, err := keys.Open(slog.New(slog.DiscardHandler), file)
	if err != nil {
		return "", err
	}
	return grants.Mint(keys.NewSigner(ring), t, time.Now())
}

// TicketSnippet is the HTML with which a page shows the part called name, of the
// server at publicURL, to whom the ticket is for: text, which was made of t.
func TicketSnippet(publicURL, name string, t grants.Ticket, text string) (string, error) {
	at, err := parsePublicURL(publicURL)
	switch {
	case err != nil:
		return "", fmt.Errorf("--public-url %s: %w", publicURL, err)
	case at.origin() == "":
		return "", errors.New("name the address of the server with --public-url, as https://parts.example")
	}
	all := parts.All()
	i := slices.IndexFunc(all, func(p part.Part) bool { return strings.EqualFold(p.Name, name) })
	if i < 0 {
		var names []string
		for _, p := range all {
			names = append(names, p.Name)
		}
		return "", fmt.Errorf("--part %s: there is no such part; there are %s", name, strings.Join(names, ", "))
	}
	f := frame{
		site: at.origin() + at.prefix, part: all[i], ticket: text, width: frameWidth, height: frameHeight,
		properties: []property{{address.Scope, string(t.Scope)}},
	}
	if t.Scope == contract.ScopePlace && len(t.Places) > 0 {
		f.properties = append(f.properties, property{address.Room, t.Places[0]})
	}
	return f.html(), nil
}
