package client_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/access"
	client "partline.dev/wasmclient"
)

// everyCode is every reason that a hub may have.
var everyCode = []access.Code{
	access.CodeTicketSpent, access.CodeTicketExpired, access.CodeTicket, access.CodeSession, access.CodeToken, access.CodeSignIn,
	access.CodeName, access.CodeKey, access.CodeHost, access.CodeTenant, access.CodeScope, access.CodeSpeak, access.CodePlace,
	access.CodeIdentifier, access.CodeRate, access.CodeConnections, access.CodeRooms, access.CodeExpired, access.CodeRevoked, access.CodeRules,
	"of-a-newer-hub",
}

// refusedWith is the answer to a negotiation that a hub refuses.
func refusedWith(status int, code access.Code, sentence string) *client.Response {
	return client.NewResponse(status, "application/json; charset=utf-8", fmt.Sprintf(`{"code":%q,"error":%q,"more":{}}`, code, sentence))
}

// hubSaid is what the hub said, in err.
func hubSaid(err error) client.Error {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return *e
	}
	return client.Error{}
}

// TestRefused_negotiation has its code, is tried again, and at once if the program
// wants that.
func TestRefused_negotiation(t *testing.T) {
	for i, code := range everyCode {
		synctest.Test(t, func(t *testing.T) {
			hub := newFakeHub(t)
			status := []int{401, 403, 404, 413, 429}[i%5]
			hub.negotiate = func(attempt int) (*client.Response, error) {
				if attempt == 3 {
					return nil, nil
				}
				return refusedWith(status, code, "No, because."), nil
			}
			o := (&joiner{}).options()
			o.RetryBase, o.RetryMax = time.Hour, time.Hour
			c := hub.newClient(o)
			s := watch(t, c)
			run(t, c)
			for range 2 {
				err := s.failure(t)
				if got := hubSaid(err); got != (client.Error{Code: code, Message: "No, because."}) || !says(err, fmt.Sprintf("(%d): No, because.", status)) {
					t.Fatalf("%s: %v", code, err)
				}
				synctest.Wait() // for the wait before the next attempt
				begun := time.Now()
				c.Again()
				c.Again() // once is enough
				synctest.Wait()
				if took := time.Since(begun); took != 0 {
					t.Errorf("the next attempt begins after %v", took)
				}
			}
			hub.accept()
			s.await(t, client.Connected)
		})
	}
}

// TestAgain_meansTheWaitOfNow and no later one.
func TestAgain_meansTheWaitOfNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(&client.Options{RetryBase: time.Hour, RetryMax: time.Hour})
		c.Again()
		hub.negotiate = func(attempt int) (*client.Response, error) {
			c.Again()
			return nil, errors.New("down")
		}
		s := watch(t, c)
		run(t, c)
		s.failure(t)
		synctest.Wait()
		if hub.asked != 1 {
			t.Errorf("%d attempts", hub.asked)
		}
	})
}

// TestRefused_inPlainText is how a hub refuses who sent no JSON.
func TestRefused_inPlainText(t *testing.T) {
	for text, want := range map[string]client.Error{
		"[token] This token is not taken.\n": {Code: "token", Message: "This token is not taken."},
		"This token is not taken.":           {},
		"see [token] below":                  {},
		"[] x":                               {},
	} {
		synctest.Test(t, func(t *testing.T) {
			hub := newFakeHub(t)
			hub.negotiate = func(int) (*client.Response, error) { return client.NewResponse(401, "text/plain", text), nil }
			c := hub.newClient(nil)
			s := watch(t, c)
			run(t, c)
			err := s.failure(t)
			if got := hubSaid(err); got != want {
				t.Errorf("%q is %+v", text, got)
			}
			if want == (client.Error{}) && !says(err, "(401): "+strings.TrimSpace(text)) {
				t.Errorf("%q is %v", text, err)
			}
		})
	}
}

// TestRefused_hostileAnswers neither fill the memory nor what is shown.
func TestRefused_hostileAnswers(t *testing.T) {
	for name, body := range map[string]string{
		"a code that is none":   `{"code":"Not A Code","error":"x"}`,
		"a code of 32 KiB":      `{"code":"` + strings.Repeat("c", 32<<10) + `","error":"x"}`,
		"a code of 1 MiB":       `{"code":"` + strings.Repeat("c", 1<<20) + `","error":"x"}`,
		"a sentence of 32 KiB":  `{"code":"rate","error":"` + strings.Repeat("s", 32<<10) + `"}`,
		"a code that is a list": `{"code":["rate"],"error":"x"}`,
		"an error that is null": `{"code":null,"error":null}`,
		"a list":                `["rate"]`,
		"half":                  `{"code":"rate","er`,
		"nothing":               ``,
		"not UTF-8":             "{\"code\":\"rate\",\"error\":\"\xff\"}",
		"nested":                strings.Repeat(`{"code":`, 1000),
	} {
		synctest.Test(t, func(t *testing.T) {
			hub := newFakeHub(t)
			hub.negotiate = func(int) (*client.Response, error) { return client.NewResponse(403, "application/json", body), nil }
			c := hub.newClient((&joiner{}).options())
			s := watch(t, c)
			run(t, c)
			err := s.failure(t)
			if !says(err, "refuses this client or its page (403)") || len(err.Error()) > 300 || hubSaid(err) != (client.Error{}) {
				t.Errorf("%s: %.400v", name, err)
			}
		})
	}
}

// TestAccess_hostileAnswers are refused, or bounded.
func TestAccess_hostileAnswers(t *testing.T) {
	for name, said := range map[string]string{
		"a number":                     `5`,
		"a list":                       `[]`,
		"a scope that is a number":     `{"scope":5}`,
		"a time that is a text":        `{"expiresIn":"soon"}`,
		"a time beyond 64 bits":        `{"expiresIn":1e400}`,
		"a person that is a text":      `{"you":"Ann"}`,
		"a session token with a break": `{"sessionToken":"secret\r\nX-Other: 1"}`,
		"a session token in Greek":     `{"sessionToken":"secretλ"}`,
		"a session token of 9 KB":      `{"sessionToken":"secret` + strings.Repeat("s", 9000) + `"}`,
		"too long an answer":           `{"place":"secret` + strings.Repeat("s", 64<<10) + `"}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			hub := newFakeHub(t)
			hub.access = said
			j := &joiner{}
			c := hub.newClient(j.options())
			s := watch(t, c)
			run(t, c)
			if err := s.failure(t); err == nil || len(err.Error()) > 300 || says(err, "secret") {
				t.Errorf("%s: %.400v", name, err)
			}
			if len(j.kept) > 0 || c.State().Access != nil {
				t.Errorf("%s is taken: %q, %+v", name, j.kept, c.State().Access)
			}
		})
	}
	for name, said := range map[string]string{
		"null":                  `null`,
		"nothing":               `{}`,
		"a time below zero":     `{"expiresIn":-1,"expires":-1}`,
		"a time of ages":        `{"expiresIn":9223372036854775807}`,
		"scopes nobody knows":   `{"scope":"galaxy","scopes":["galaxy",""]}`,
		"a session token twice": `{"sessionToken":"a","sessionToken":"b"}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			hub := newFakeHub(t)
			hub.access = said
			o := (&joiner{}).options()
			o.ServerTimeout = 2 * time.Hour
			c := hub.newClient(o)
			s := watch(t, c)
			run(t, c)
			conn := hub.accept()
			s.await(t, client.Connected)
			pass(time.Hour)
			synctest.Wait()
			for range len(conn.toHub) {
				if p := string(<-conn.toHub); strings.Contains(p, "refresh") {
					t.Errorf("%s: the client sends %s", name, p)
				}
			}
		})
	}
}

// TestSession_thatIsNotTaken gives way to the ticket, once, within the attempt.
func TestSession_thatIsNotTaken(t *testing.T) {
	for name, c := range map[string]struct {
		ticket  string
		answers []*client.Response // nil: the client is let in
		tokens  []string
		code    access.Code // of the first attempt
		kept    []string
	}{
		"and there is a ticket": {
			"pt1.x", []*client.Response{refusedWith(401, "session", "Over."), nil}, []string{"ps1.old", ""}, "", []string{"ps1.new"},
		},
		"nor the ticket": {
			"pt1.x", []*client.Response{refusedWith(401, "session", "Over."), refusedWith(401, "ticket-spent", "Used.")}, []string{"ps1.old", ""}, "ticket-spent", nil,
		},
		"nor, by mistake, the ticket as a session": {
			"pt1.x", []*client.Response{refusedWith(401, "session", "Over."), refusedWith(401, "session", "Over.")}, []string{"ps1.old", ""}, "session", nil,
		},
		"and there is no ticket": {
			"", []*client.Response{refusedWith(401, "session", "Over.")}, []string{"ps1.old"}, "session", nil,
		},
		"for another reason": {
			"pt1.x", []*client.Response{refusedWith(403, "revoked", "Out.")}, []string{"ps1.old"}, "revoked", nil,
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			hub := newFakeHub(t)
			hub.access = accessText("page", "ps1.new", 0)
			hub.negotiate = func(attempt int) (*client.Response, error) {
				if attempt <= len(c.answers) {
					return c.answers[attempt-1], nil
				}
				return nil, errors.New("down")
			}
			j := &joiner{request: access.Request{Ticket: c.ticket, Where: page}}
			o := j.options()
			o.SessionToken = "ps1.old"
			cl := hub.newClient(o)
			s := watch(t, cl)
			run(t, cl)
			if c.code != "" {
				err := s.failure(t)
				if hubSaid(err).Code != c.code || says(err, "ps1.") || says(err, "pt1.") {
					t.Errorf("%s: %v", name, err)
				}
			} else {
				hub.accept()
				if now := s.await(t, client.Connected); now.Err != nil {
					t.Errorf("%s: %+v", name, now)
				}
			}
			cl.Close()
			bodies, tokens := hub.negotiations()
			n := len(c.tokens)
			if !slices.Equal(tokens[:n], c.tokens) || bodies[0] != body("", "", "", page) || n > 1 && bodies[1] != body("pt1.x", "", "", page) {
				t.Errorf("%s: %q, %q", name, tokens, bodies)
			}
			if !reflect.DeepEqual(j.kept, c.kept) {
				t.Errorf("%s: %q are kept", name, j.kept)
			}
		})
	}
}

// TestSession_withoutAJoin is a bearer token like any other.
func TestSession_withoutAJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(&client.Options{SessionToken: "ps1.x"})
		run(t, c)
		hub.accept()
		if bodies, tokens := hub.negotiations(); !slices.Equal(tokens, []string{"ps1.x"}) || !slices.Equal(bodies, []string{""}) {
			t.Errorf("%q, %q", tokens, bodies)
		}
	})
}

// TestTicket_isNotSentToWhereTheHubSendsItsClients with a token for there.
func TestTicket_isNotSentToWhereTheHubSendsItsClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.negotiate = func(attempt int) (*client.Response, error) {
			switch attempt {
			case 1:
				return redirect("http://other.example/a", "theirs"), nil
			case 2:
				return redirect(hubURL, ""), nil
			}
			return nil, nil
		}
		run(t, hub.newClient((&joiner{request: access.Request{Ticket: "pt1.x", Key: "ek_1", Where: page}}).options()))
		hub.accept()
		bodies, tokens := hub.negotiations()
		without := body("", "ek_1", "", page)
		if !slices.Equal(tokens, []string{"", "theirs", "theirs"}) || !slices.Equal(bodies, []string{body("pt1.x", "ek_1", "", page), without, without}) {
			t.Errorf("%q, %q", tokens, bodies)
		}
	})
}

// TestClose_hasItsCode and the client comes back if it may.
func TestClose_hasItsCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		c := hub.newClient(nil)
		s := watch(t, c)
		ended := run(t, c)
		conn := hub.accept()
		s.await(t, client.Connected)
		conn.send(`{"type":7,"error":"[expired] Your time is over.","allowReconnect":true}` + "\x1e")
		conn.end(io.EOF)
		if err := s.failure(t); hubSaid(err) != (client.Error{Code: "expired", Message: "Your time is over."}) || !errors.Is(err, client.ErrHubClosed) {
			t.Errorf("%v", err)
		}
		conn = hub.accept()
		conn.send(`{"type":7,"error":"[revoked] Out."}` + "\x1e")
		conn.end(io.EOF)
		if err := <-ended; hubSaid(err) != (client.Error{Code: "revoked", Message: "Out."}) || !errors.Is(err, client.ErrHubClosed) {
			t.Errorf("%v", err)
		}
	})
}
