package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strings"

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
	access  *access
	token   string    // of the connection
	offers  Transport // that carry what the client speaks
	resumes bool      // the hub goes on with a connection whose link was lost
}

// negotiate asks the hub for a connection, and follows it where it sends its
// clients.
func (c *Client) negotiate(ctx context.Context, with carrier, at *address) (*agreement, error) {
	access, err := newAccess(ctx, c.options.Token)
	if err != nil {
		return nil, err
	}
	for range maxRedirects {
		n, err := askNegotiate(ctx, with, at.negotiate(c.options.resume()), access.get())
		if err != nil {
			return nil, err
		}
		if n.URL == "" {
			return &agreement{
				at: at, access: access, token: n.ConnectionToken,
				offers: n.offers(c.codec.Binary()), resumes: n.UseStatefulReconnect,
			}, nil
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
			access = fixedAccess(n.AccessToken)
		}
	}
	return nil, fmt.Errorf("the hub sends its clients from one address to the next, more than %d times", maxRedirects)
}

// askNegotiate makes one request to negotiate.
func askNegotiate(ctx context.Context, with carrier, at *url.URL, token string) (*negotiation, error) {
	answer, err := with.Do(ctx, &request{method: "POST", to: at, token: token})
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
	if text := sentence(answer.kind, body); text != "" {
		err = fmt.Errorf("%w: %s", err, text)
	}
	return nil, err
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
		return nil, fmt.Errorf("the hub refuses a connection: %w", &Error{Message: n.Error})
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

// sentence is the text of a refusal, cut to what can be shown: its first line,
// if it is one.
func sentence(contentType string, body []byte) string {
	const longest = 200
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(string(body), "")), "\n")
	if mediaType(contentType) != "text/plain" || len(line) > longest {
		return ""
	}
	return strings.TrimSpace(line)
}
