package client_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	client "partline.dev/wasmclient"
)

func redirect(url, token string) *client.Response {
	return client.NewResponse(200, "application/json", fmt.Sprintf(`{"url":%q,"accessToken":%q,"more":[1]}`, url, token))
}

// TestRedirect follows a hub that sends its clients on, with the token it gives.
func TestRedirect(t *testing.T) {
	for _, transport := range each {
		synctest.Test(t, func(t *testing.T) {
			hub, c, s := over(t, transport, &client.Options{Token: func(context.Context) (string, error) { return "mine", nil }})
			hub.negotiate = func(attempt int) (*client.Response, error) {
				return map[int]*client.Response{
					1: redirect("http://other.example/a?hub=x", "theirs"),
					2: redirect("http://hub.example/hubs/connected", ""),
				}[attempt], nil
			}
			var tokens []string
			hub.answer = func(r *client.Request) (*client.Response, error) {
				tokens = append(tokens, r.Token())
				return nil, nil
			}
			run(t, c)
			hub.accept()
			s.await(t, client.Connected)
			synctest.Wait()
			if got := strings.Join(hub.tokens, ", then "); got != "mine, then theirs, then theirs" {
				t.Errorf("negotiates with %s", got)
			}
			if got := strings.Join(hub.urls, " "); got != hubURL+"/negotiate?negotiateVersion=1 http://other.example/a/negotiate?hub=x&negotiateVersion=1 "+hubURL+"/negotiate?negotiateVersion=1" {
				t.Errorf("negotiates at %s", got)
			}
			for _, token := range tokens {
				if token != "theirs" {
					t.Errorf("%v: a request with the token %s", transport, token)
				}
			}
			if transport == client.WebSockets && hub.dialled != "theirs" {
				t.Errorf("a WebSocket with the token %s", hub.dialled)
			}
		})
	}
}

func TestRedirect_refused(t *testing.T) {
	for _, c := range []struct{ name, url, to, says string }{
		{"for ever", hubURL, hubURL, "more than 100 times"},
		{"to where others read along", "https://hub.example/hubs/connected", hubURL, "from https:// to http://"},
		{"to no address", hubURL, "javascript:alert(1)", "must begin with http"},
		{"with a password", hubURL, "https://ann:secret@other.example/", "must not hold a user name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := newFakeHub(t)
				hub.negotiate = func(int) (*client.Response, error) { return redirect(c.to, ""), nil }
				cl := hub.newClientAt(c.url, nil)
				s := watch(t, cl)
				run(t, cl)
				if err := s.failure(t); !says(err, c.says) || says(err, "secret") {
					t.Errorf("%v", err)
				}
				if hub.asked > 100 {
					t.Errorf("negotiates %d times", hub.asked)
				}
			})
		})
	}
}
