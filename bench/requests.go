package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// requests are what the clients of a server say besides what their sockets do.
var requests = http.Client{Timeout: connectTimeout}

// openEvents makes c a member that reads server-sent events.
func (c *client) openEvents(addr netip.AddrPort, d dialect) error {
	at, err := negotiate(addr, d)
	if err != nil {
		return err
	}
	c.carrier = &responseReader{}
	if err := c.write([]byte(get(at, "Accept: text/event-stream\r\n"))); err != nil {
		return err
	}
	if err := c.await(":", nil); err != nil { // the stream is open
		return err
	}
	if err := say(at, d); err != nil {
		return err
	}
	return c.await(d.ready, nil)
}

// openPolls makes c a member that polls.
func (c *client) openPolls(addr netip.AddrPort, d dialect) error {
	at, err := negotiate(addr, d)
	if err != nil {
		return err
	}
	c.carrier = &responseReader{}
	c.poll = []byte(get(at, ""))
	if err := c.write(c.poll); err != nil {
		return err
	}
	for !c.carrier.done() { // the first response is empty
		p, err := c.read()
		if err != nil {
			return err
		}
		if _, _, err := c.carrier.next(p); err != nil {
			return err
		}
	}
	if err := say(at, d); err != nil {
		return err
	}
	if err := c.write(c.poll); err != nil {
		return err
	}
	if err := c.await(d.ready, nil); err != nil {
		return err
	}
	return c.write(c.poll)
}

// negotiate returns the address of a connection of its own.
func negotiate(addr netip.AddrPort, d dialect) (*url.URL, error) {
	at := &url.URL{Scheme: "http", Host: addr.String(), Path: d.path}
	body, err := post(at.JoinPath("negotiate").String()+"?negotiateVersion=1", "")
	if err != nil {
		return nil, err
	}
	var answer struct{ ConnectionToken string }
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("the server negotiates with %q: %w", body, err)
	}
	at.RawQuery = url.Values{"id": {answer.ConnectionToken}}.Encode()
	return at, nil
}

// say sends what a client says first.
func say(at *url.URL, d dialect) error {
	for _, h := range d.hello {
		if _, err := post(at.String(), h); err != nil {
			return err
		}
	}
	return nil
}

func post(at, body string) ([]byte, error) {
	response, err := requests.Post(at, "text/plain;charset=UTF-8", strings.NewReader(body))
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

// get is a request for what is at at.
func get(at *url.URL, header string) string {
	return "GET " + at.RequestURI() + " HTTP/1.1\r\nHost: " + at.Host + "\r\n" + header + "\r\n"
}
