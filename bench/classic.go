package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
)

// openClassic makes c a member over a WebSocket of SignalR 2.
func (c *client) openClassic(addr netip.AddrPort, d dialect) error {
	at := url.URL{Scheme: "http", Host: addr.String(), Path: d.path}
	query := url.Values{"clientProtocol": {"2.1"}, "connectionData": {`[{"name":"chathub"}]`}}
	body, err := fetch(at.JoinPath("negotiate"), query)
	if err != nil {
		return err
	}
	var answer struct{ ConnectionToken string }
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("the server negotiates with %q: %w", body, err)
	}
	query.Set("transport", "webSockets")
	query.Set("connectionToken", answer.ConnectionToken)
	connect := at.JoinPath("connect")
	connect.RawQuery = query.Encode()
	d.path = connect.RequestURI()
	if err := c.upgrade(addr, d); err != nil {
		return err
	}
	_, err = fetch(at.JoinPath("start"), query)
	return err
}

func fetch(at *url.URL, query url.Values) ([]byte, error) {
	at.RawQuery = query.Encode()
	response, err := requests.Get(at.String())
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the server answers %s: %q", response.Status, said)
	}
	return said, err
}
