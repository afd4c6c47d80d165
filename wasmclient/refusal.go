package client

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"partline.dev/shared/wire"
)

// refused is the body with which a hub refuses a client that sent it JSON.
type refused struct{ Code, Error string }

// refusal says in words what an answer with an unwanted code means. It leaves
// the body to its owner.
func refusal(answer *response) error {
	body, _ := io.ReadAll(io.LimitReader(answer.body, maxReply)) // what is there
	return withWords(fmt.Errorf("the hub refuses it (%d)", answer.code), answer.kind, body)
}

// withWords adds to err what the hub says. It is an [*Error] if the hub gives a
// code.
func withWords(err error, kind string, body []byte) error {
	said := ""
	switch mediaType(kind) {
	case "text/plain":
		said = sentence(string(body))
	case "application/json":
		var r refused
		plan, broken := wire.PlanOf(reflect.TypeFor[refused]())
		if broken == nil {
			broken = wire.JSON.ReadValue(body, plan, reflect.ValueOf(&r).Elem())
		}
		if broken == nil {
			said = sentence("[" + r.Code + "] " + r.Error)
		}
	}
	if said == "" {
		return err
	}
	if e := hubError([]byte(said)); e.Code != "" {
		return fmt.Errorf("%w: %w", err, e)
	}
	return fmt.Errorf("%w: %s", err, said)
}

// sentence is the text of a refusal, cut to what can be shown: its first line,
// if it is one.
func sentence(text string) string {
	const longest = 200
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(text, "")), "\n")
	if len(line) > longest {
		return ""
	}
	return strings.TrimSpace(line)
}
