package ui_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
	"time"

	"partline.dev/app/ui"
	"partline.dev/shared/access"
	client "partline.dev/wasmclient"
)

// codes are all that package access has.
func codes(t *testing.T) (all []access.Code) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../shared/access/refusal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		constants, ok := d.(*ast.GenDecl)
		if !ok || constants.Tok != token.CONST {
			continue
		}
		for _, spec := range constants.Specs {
			for _, v := range spec.(*ast.ValueSpec).Values {
				word, err := strconv.Unquote(v.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, access.Code(word))
			}
		}
	}
	if len(all) < 20 {
		t.Fatalf("there are only %d codes", len(all))
	}
	return all
}

// Whatever a server refuses, the reader is told in their own language, and never in
// the server's words.
func TestReason_hasWordsForEveryRefusal(t *testing.T) {
	for _, lang := range ui.Languages() {
		said := map[string]access.Code{}
		for _, code := range codes(t) {
			words := lang.Reason(&access.Refusal{Code: code, Message: "the server's words"})
			if len(words) < 10 || words == lang.Texts().NotDone || words == "the server's words" {
				t.Errorf("%s: %s is %q", lang, code, words)
			}
			if other, taken := said[words]; taken {
				t.Errorf("%s: %s and %s are both %q", lang, code, other, words)
			}
			said[words] = code
			class, state := lang.StateWords(client.State{Phase: client.Reconnecting, Err: &access.Refusal{Code: code, Message: "x"}})
			if class != "refused" || state != words {
				t.Errorf("%s: a connection refused for %s is %s, %q", lang, code, class, state)
			}
		}
	}
	later := &access.Refusal{Code: "of-a-later-server", Message: "Come back tomorrow."}
	if got := ui.English.Reason(later); got != "The hub refused it: Come back tomorrow." {
		t.Errorf("a code that is not known is %q", got)
	}
}

func TestComposer_keepsTheTextOfWhoIsTooFast(t *testing.T) {
	c := &ui.Composer{Send: func(context.Context, string) error {
		return &access.Refusal{Code: access.CodeRate, Message: "x"}
	}}
	s := show(t, c)
	c.Submit(s.ctx, "hello")
	s.settle()
	s.has(t, "You are sending too fast. Wait a moment. Your text is still here")
}

func TestStatus_offersWhatHelps(t *testing.T) {
	again := time.Unix(2e9, 0)
	refused := func(p client.Phase, code access.Code) client.State {
		return client.State{Phase: p, Err: &client.Error{Code: code, Message: "x"}, RetryAt: again}
	}
	for name, e := range map[string]struct {
		state client.State
		want  string
	}{
		"connected":             {client.State{Phase: client.Connected}, ""},
		"connecting":            {client.State{Phase: client.Connecting}, ""},
		"lost":                  {client.State{Phase: client.Reconnecting, Err: errors.New("x"), RetryAt: again}, ""},
		"sent away":             {client.State{Phase: client.Disconnected}, "Load again"},
		"too many":              {refused(client.Connecting, access.CodeConnections), "Try again now"},
		"trying":                {client.State{Phase: client.Connecting, Err: &client.Error{Code: access.CodeConnections}}, ""},
		"a name is wanted":      {refused(client.Connecting, access.CodeName), ""},
		"the ticket was spent":  {refused(client.Connecting, access.CodeTicketSpent), "Load again"},
		"expired":               {refused(client.Reconnecting, access.CodeExpired), "Load again"},
		"of a newer server":     {refused(client.Reconnecting, "later"), "Try again now"},
		"expired, and sent off": {refused(client.Disconnected, access.CodeRevoked), "Load again"},
	} {
		if got := ui.English.Helps(e.state); got != e.want {
			t.Errorf("%s: the button is %q, want %q", name, got, e.want)
		}
	}
}
