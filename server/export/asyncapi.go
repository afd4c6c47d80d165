package export

import (
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"partline.dev/shared/contract"
)

// AsyncAPIOptions says what an AsyncAPI document says that the contract does
// not. Nil and the zero value are the defaults.
type AsyncAPIOptions struct {
	// Title is the document's. Empty: the names of the hubs.
	Title string

	// Version is the version of what is described. Empty: 0.
	Version string

	// Address is the path where a hub is mounted. Nil: /hubs/{name}.
	Address func(*contract.Hub) string

	// NamesAsDeclared is for hubs whose server.Mount says so: names of properties
	// are as declared. False: in camelCase.
	NamesAsDeclared bool
}

// AsyncAPI writes an AsyncAPI 3.0 document of the APIs, in JSON. It describes the
// hub messages of the JSON protocol from where the server stands: methods and
// streams are received and replied to, events are sent, queries are sent and
// replied to. A payload is a whole hub message, and its schema one of JSON Schema
// draft 7, so that a recorded message can be checked against it.
//
// Objects have all their properties there, as the hub writes them; what a client
// leaves out the hub takes as zero. Targets are matched in any case.
//
// It gives an error of wire.CheckAPI, or says that two hubs would have one name.
func AsyncAPI(to io.Writer, o *AsyncAPIOptions, apis ...*contract.API) error {
	if err := check(apis); err != nil {
		return err
	}
	d := document{AsyncAPI: "3.0.0", DefaultContentType: "application/json",
		Channels: object{}, Operations: object{}, Components: components{Schemas: object{}}}
	d.Info = info{Version: "0", Description: framing}
	address := func(h *contract.Hub) string { return "/hubs/" + h.Name() }
	if o != nil {
		d.Info.Title = o.Title
		if o.Version != "" {
			d.Info.Version = o.Version
		}
		if o.Address != nil {
			address = o.Address
		}
	}
	var hubs []string
	for _, a := range apis {
		hubs = append(hubs, a.Hub().Name())
	}
	if d.Info.Title == "" {
		d.Info.Title = strings.Join(hubs, ", ")
	}
	types := namedTypes(apis)
	s := schemas{names: newNames(types, nil), declared: o != nil && o.NamesAsDeclared}
	for _, t := range types {
		d.Components.Schemas[s.names[t]] = s.declaration(t)
	}
	for _, a := range apis {
		c := channel{document: &d, schemas: s, id: hubName(a.Hub()), messages: object{}}
		for _, m := range a.Members() {
			c.member(m)
		}
		d.Channels[c.id] = object{"address": address(a.Hub()), "title": a.Hub().Name(), "messages": c.messages}
	}
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

const framing = "Hub messages of the ASP.NET Core SignalR protocol in JSON. On the link each is followed by the byte 0x1E, " +
	"and the first is the handshake {\"protocol\":\"json\",\"version\":1}, answered by {}. " +
	"An invocation without an invocationId is not answered. " +
	"Property names are read in any case, and absent properties as zero; integers beyond 2^53 lose digits in JavaScript. " +
	"In MessagePack names are as declared in Go, enums are their names and bytes are bytes."

// object is a JSON object; it is written with its keys sorted.
type object map[string]any

// document is an AsyncAPI document, in the order in which people read it.
type document struct {
	AsyncAPI           string     `json:"asyncapi"`
	Info               info       `json:"info"`
	DefaultContentType string     `json:"defaultContentType"`
	Channels           object     `json:"channels"`
	Operations         object     `json:"operations"`
	Components         components `json:"components"`
}

type info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
}

type components struct {
	Schemas object `json:"schemas"`
}

// channel is one hub while it is written.
type channel struct {
	document *document
	schemas  schemas
	id       string
	messages object
}

// member adds the messages and operations of one member.
func (c *channel) member(m *contract.Descriptor) {
	key := uniqueKey(c.messages, safeKey(m.Name()))
	answered := m.Kind() != contract.KindEvent
	call := c.add(key, m.Name(), c.schemas.invocation(m), answered)
	operation := object{
		"action":   "receive",
		"channel":  c.ref(),
		"title":    m.Kind().String() + " " + m.Name(),
		"messages": []any{call},
	}
	if m.Kind() == contract.KindEvent || m.Kind() == contract.KindQuery {
		operation["action"] = "send"
	}
	if answered {
		var replies []any
		if m.Kind() == contract.KindStream {
			replies = append(replies, c.add(key+".item", "an item of "+m.Name(), c.schemas.item(m.Response()), true))
		}
		replies = append(replies, c.add(key+".completion", "the end of "+m.Name(), c.schemas.completion(m), true))
		operation["reply"] = object{"channel": c.ref(), "messages": replies}
	}
	c.document.Operations[c.id+"."+key] = operation
	for _, u := range m.Uploads() {
		name := key + "." + safeKey(u.Name)
		c.document.Operations[c.id+"."+name] = object{
			"action":  "receive",
			"channel": c.ref(),
			"title":   "upload " + u.Name + " of " + m.Name(),
			"messages": []any{
				c.add(name+".item", "an item of the upload "+u.Name, c.schemas.item(u.Type), true),
				c.add(name+".completion", "the end of the upload "+u.Name, c.schemas.uploadEnd(), true),
			},
		}
	}
}

// add adds a message and returns the reference to it.
func (c *channel) add(key, title string, payload object, correlated bool) object {
	message := object{"title": title, "payload": payload}
	if correlated {
		message["correlationId"] = object{"location": "$message.payload#/invocationId"}
	}
	c.messages[key] = message
	return object{"$ref": "#/channels/" + c.id + "/messages/" + key}
}

func (c *channel) ref() object { return object{"$ref": "#/channels/" + c.id} }

var notInKey = regexp.MustCompile(`[^A-Za-z0-9_\-]+`)

// safeKey is a name as a key of the document, which has fewer characters.
func safeKey(name string) string {
	if key := notInKey.ReplaceAllString(name, "_"); key != "" {
		return key
	}
	return "_"
}

// uniqueKey is key, with a number if messages has it in any case: methods that
// are overloaded share their name.
func uniqueKey(messages object, key string) string {
	var taken []string
	for k := range messages {
		taken = append(taken, strings.ToLower(k))
	}
	unique := key
	for n := 2; slices.Contains(taken, strings.ToLower(unique)); n++ {
		unique = key + strconv.Itoa(n)
	}
	return unique
}
