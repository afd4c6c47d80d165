package server_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// strangers are the headers of requests that pages of other sites make a browser send.
var strangers = [][]string{
	{"Origin", "https://evil.example"},
	{"Origin", "null"},
	{"Origin", contosoSite + ".evil.example"},
	{"Sec-Fetch-Site", "cross-site"},
	{"Sec-Fetch-Site", "same-site"},
	{},
}

// ticketOf is a ticket for Ann, made with the key.
func ticketOf(t *testing.T, h http.Handler, key string) string {
	t.Helper()
	var made struct{ Ticket string }
	got := asKey(h, key, http.MethodPost, "/api/v1/tickets", `{"user":"ann"}`)
	if err := json.Unmarshal(got.Body.Bytes(), &made); err != nil || got.Code != http.StatusOK {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	return made.Ticket
}

// TestHostile_crossSiteWebSocketHijacking has pages of other sites open WebSockets with
// Ann's cookies, and even her ticket: none opens, and the ticket is not used up.
func TestHostile_crossSiteWebSocketHijacking(t *testing.T) {
	h, contoso, _, _ := withKeys(t, nil)
	ticket := ticketOf(t, h, contoso)
	ann := visit(t, h, "/hubs/connected", `{"key":"`+contosoKey+`"}`)
	for _, from := range strangers {
		headers := append([]string{
			"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
			"Cookie", "session=ann",
		}, from...)
		for what, path := range map[string]string{
			"by her ticket":                "/hubs/connected?access_token=" + ticket,
			"to her connection":            "/hubs/connected?id=" + ann.token,
			"by her ticket, for SignalR 2": "/signalr/connect?transport=webSockets&clientProtocol=2.1&connectionData=%5B%5D&access_token=" + ticket,
		} {
			if got := send(h, http.MethodGet, path, "", headers...); got.Code != http.StatusForbidden {
				t.Errorf("%v, %s: %d %s", from, what, got.Code, got.Body)
			}
		}
	}
	if got := negotiate(h, "/hubs/connected", `{"ticket":"`+ticket+`"}`); got.Code != http.StatusOK {
		t.Errorf("the ticket afterwards: %d %s", got.Code, got.Body)
	}
	ann.bye()
}

// TestHostile_crossSiteRequestForgery has pages of other sites send requests that need
// no preflight, with Ann's cookies: to negotiate with her ticket, to speak over her
// connection and end it, and to publish. Nothing happens.
func TestHostile_crossSiteRequestForgery(t *testing.T) {
	h, contoso, _, _ := withKeys(t, nil)
	ticket := ticketOf(t, h, contoso)
	ann := visit(t, h, "/hubs/connected", `{"key":"`+contosoKey+`"}`)
	at := "/hubs/connected?id=" + ann.token
	for _, from := range strangers {
		headers := append([]string{"Cookie", "session=ann", "Content-Type", "text/plain"}, from...)
		for what, request := range map[string][3]string{
			"negotiate":                {http.MethodPost, "/hubs/connected/negotiate?negotiateVersion=1", `{"ticket":"` + ticket + `"}`},
			"negotiate, for SignalR 2": {http.MethodGet, "/signalr/negotiate?clientProtocol=2.1", ""},
			"speak":                    {http.MethodPost, at, `{"type":1,"target":"Send","arguments":["Ann","forged"]}` + "\x1e"},
			"listen":                   {http.MethodGet, at, ""},
			"end":                      {http.MethodDelete, at, ""},
			"speak, for SignalR 2":     {http.MethodPost, "/signalr/send?transport=longPolling&clientProtocol=2.1&connectionToken=x", "data=x"},
		} {
			if got := send(h, request[0], request[1], request[2], headers...); got.Code != http.StatusForbidden {
				t.Errorf("%v, %s: %d %s", from, what, got.Code, got.Body)
			}
		}
		if got := send(h, http.MethodPost, said, `{"arguments":["a","b"]}`, headers...); got.Code == http.StatusAccepted {
			t.Errorf("%v, publish: %d", from, got.Code)
		}
	}
	if got := send(h, http.MethodPost, at, `{"type":6}`+"\x1e"); got.Code != http.StatusOK {
		t.Errorf("her connection afterwards: %d %s", got.Code, got.Body)
	}
	if got := negotiate(h, "/hubs/connected", `{"ticket":"`+ticket+`"}`); got.Code != http.StatusOK {
		t.Errorf("the ticket afterwards: %d %s", got.Code, got.Body)
	}
	ann.bye()
}
