package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

const (
	// maxReply is the longest answer to negotiate that is looked at. Hubs send
	// less than 1 KiB, and their redirects carry tokens of a few.
	maxReply = 64 << 10

	// maxRedirects is how often a hub may send its clients on to another
	// address, as SignalR's clients have it.
	maxRedirects = 100
)

// negotiation is what a hub answers to negotiate, as far as it matters here.
type negotiation struct {
	ConnectionToken      string
	AvailableTransports  []offer
	UseStatefulReconnect bool
	Error                string
	URL                  string           // a redirect
	AccessToken          string           // for whoever follows it
	Access               contract.RawJSON // only hubs of ours have it, for clients that have introduced themselves
	ProtocolVersion      contract.RawJSON // only SignalR 2 has it
}

// offer is one transport of a hub.
type offer struct {
	Transport       string
	TransferFormats []string
}

// agreement is what a negotiation came to.
type agreement struct {
	at      *address // where the hub sends its clients
	bearer  *bearer
	said    *access.Access // without its SessionToken; nil: nothing
	wish    int            // the number of the one that the hub knows
	token   string         // of the connection
	offers  Transport      // that carry what the client speaks
	resumes bool           // the hub goes on with a connection whose link was lost
}

// negotiate asks the hub for a connection, and follows it where it sends its
// clients.
func (c *Client) negotiate(ctx context.Context, with carrier, at *address) (*agreement, error) {
	bearer, err := newBearer(ctx, c.options.Token)
	if err != nil {
		return nil, err
	}
	own, err := c.introduce(ctx)
	if err != nil {
		return nil, err
	}
	for range maxRedirects {
		n, err := askNegotiate(ctx, with, at.negotiate(c.options.resume()), bearer, own)
		if own.dropSession(err) {
			n, err = askNegotiate(ctx, with, at.negotiate(c.options.resume()), bearer, own)
		}
		if err != nil {
			return nil, err
		}
		if n.URL == "" {
			return c.agree(n, at, bearer, own)
		}
		next, err := parseAddress(n.URL)
		if err != nil {
			return nil, fmt.Errorf("the hub sends its clients to another address: %w", err)
		}
		if at.hub.Scheme == "https" && next.hub.Scheme != "https" {
			return nil, errors.New("the hub sends its clients from https:// to http://, where others can read along")
		}
		at = next
		if n.AccessToken != "" {
			bearer = fixedBearer(n.AccessToken)
			own.sentAway()
		}
	}
	return nil, fmt.Errorf("the hub sends its clients from one address to the next, more than %d times", maxRedirects)
}

// agree takes what a hub answers that does not send its clients on.
func (c *Client) agree(n *negotiation, at *address, bearer *bearer, own *introduction) (*agreement, error) {
	a := &agreement{
		at: at, bearer: bearer, wish: own.wish, token: n.ConnectionToken,
		offers: n.offers(c.codec.Binary()), resumes: n.UseStatefulReconnect,
	}
	if own.request == nil {
		return a, nil
	}
	said, err := readAccess(n.Access)
	if said != nil {
		c.standing.goOnWith(said.SessionToken)
		said.SessionToken = ""
	}
	a.said = said
	return a, err
}

// askNegotiate makes one request to negotiate.
func askNegotiate(ctx context.Context, with carrier, at *url.URL, bearer *bearer, own *introduction) (*negotiation, error) {
	r := &request{method: "POST", to: at, token: bearer.get()}
	if own.session != "" {
		r.token = own.session
	}
	var err error
	if r.body, err = own.body(); err != nil {
		return nil, err
	}
	if r.body != nil {
		r.kind = "application/json"
	}
	answer, err := with.Do(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("the hub cannot be reached: %w", err)
	}
	defer answer.body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.body, maxReply+1))
	if err != nil {
		return nil, fmt.Errorf("the hub cannot be reached: %w", err)
	}
	switch answer.code {
	case 200:
		return parseNegotiation(body)
	case 401:
		err = errors.New("the hub asks who this is (401)")
	case 403:
		err = errors.New("the hub refuses this client or its page (403)")
	case 404:
		err = errors.New("there is no hub at this address (404)")
	default:
		err = fmt.Errorf("the hub cannot be used now (%d)", answer.code)
	}
	return nil, withWords(err, answer.kind, body)
}

// parseNegotiation reads the body of an answer to negotiate. Without an error
// it has either a URL or a ConnectionToken.
func parseNegotiation(body []byte) (*negotiation, error) {
	plan, err := wire.PlanOf(reflect.TypeFor[negotiation]())
	if err != nil {
		return nil, err
	}
	n := new(negotiation)
	if len(body) > maxReply {
		return nil, fmt.Errorf("the answer to negotiate has more than %d bytes", maxReply)
	}
	if err := wire.JSON.ReadValue(body, plan, reflect.ValueOf(n).Elem()); err != nil {
		return nil, fmt.Errorf("what answers is not a hub: %w", err)
	}
	switch {
	case n.ProtocolVersion != nil:
		return nil, errors.New("the hub at this address speaks only the protocol of SignalR 2")
	case n.Error != "":
		return nil, fmt.Errorf("the hub refuses a connection: %w", hubError([]byte(n.Error)))
	case n.URL == "" && n.ConnectionToken == "":
		return nil, errors.New("what answers is not a hub: it gives no connectionToken")
	}
	return n, nil
}

// offers are the transports of a hub that carry what the client speaks.
func (n *negotiation) offers(binary bool) (set Transport) {
	format := "Text"
	if binary {
		format = "Binary"
	}
	for _, o := range n.AvailableTransports {
		if slices.Contains(o.TransferFormats, format) {
			set |= transportNamed(o.Transport)
		}
	}
	return set
}
