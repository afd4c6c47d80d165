package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// negotiation is what a hub answers to negotiate, as far as it matters here.
type negotiation struct {
	ConnectionToken     string
	AvailableTransports []offer
	Error               string
	URL                 string           // a redirect
	ProtocolVersion     contract.RawJSON // only SignalR 2 has it
}

// offer is one transport of a hub.
type offer struct {
	Transport       string
	TransferFormats []string
}

// negotiate asks the hub for a connection, and returns its token.
func negotiate(ctx context.Context, with carrier, at *url.URL, token string) (string, error) {
	r, err := with.Post(ctx, at, token)
	if err != nil {
		return "", fmt.Errorf("the hub cannot be reached: %w", err)
	}
	switch r.code {
	case 200:
		return parseNegotiation(r.body)
	case 401:
		err = errors.New("the hub asks who this is (401)")
	case 403:
		err = errors.New("the hub refuses this client or its page (403)")
	case 404:
		err = errors.New("there is no hub at this address (404)")
	default:
		err = fmt.Errorf("the hub cannot be used now (%d)", r.code)
	}
	if r.text != "" {
		err = fmt.Errorf("%w: %s", err, r.text)
	}
	return "", err
}

// parseNegotiation reads the body of an answer to negotiate.
func parseNegotiation(body []byte) (token string, err error) {
	plan, err := wire.PlanOf(reflect.TypeFor[negotiation]())
	if err != nil {
		return "", err
	}
	var n negotiation
	if len(body) > maxReply {
		return "", fmt.Errorf("the answer to negotiate has more than %d bytes", maxReply)
	}
	if err := wire.JSON.ReadValue(body, plan, reflect.ValueOf(&n).Elem()); err != nil {
		return "", fmt.Errorf("what answers is not a hub: %w", err)
	}
	webSockets := func(o offer) bool {
		return strings.EqualFold(o.Transport, "WebSockets") && slices.Contains(o.TransferFormats, "Text")
	}
	switch {
	case n.ProtocolVersion != nil:
		return "", errors.New("the hub at this address speaks only the protocol of SignalR 2")
	case n.Error != "":
		return "", fmt.Errorf("the hub refuses a connection: %w", &Error{Message: n.Error})
	case n.URL != "":
		return "", errors.New("the hub sends its clients to another address, which this client does not follow")
	case n.ConnectionToken == "":
		return "", errors.New("what answers is not a hub: it gives no connectionToken")
	case !slices.ContainsFunc(n.AvailableTransports, webSockets):
		return "", errors.New("the hub offers no WebSockets")
	}
	return n.ConnectionToken, nil
}

// sentence is the text of a refusal, cut to what can be shown: its first line,
// if it is one.
func sentence(contentType string, body []byte) string {
	const longest = 200
	kind, _, _ := strings.Cut(contentType, ";")
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(string(body), "")), "\n")
	if strings.TrimSpace(kind) != "text/plain" || len(line) > longest {
		return ""
	}
	return strings.TrimSpace(line)
}
