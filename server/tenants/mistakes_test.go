package tenants_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"partline.dev/server/tenants"
	"partline.dev/server/yamlfile"
	"partline.dev/server/yamlfile/yamlfiletest"
)

const digest = "6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090"

// Each file has its mistakes after #!, in the line that they name, and no others.
// Several of one line are divided by |.
var mistaken = map[string]string{
	"tenants": `
tenants:
  a/b: {} #! no tenant can be called that: it has a slash
  "": {} #! no tenant can be called that: invalid name: it is empty
  "a\tb": {} #! no tenant can be called that: invalid name: it has the control character U+0009
  "a\u202Eb": {} #! no tenant can be called that: it has the character U+202E, which cannot be seen
  "a\u200Bb": {} #! no tenant can be called that: it has the character U+200B, which cannot be seen
  contoso: {guest: named, hosts: https://a.example} #! the tenant contoso has no "guest"; did you mean guests?
  Contoso: {} #! the name Contoso is that of the tenant contoso in line 8 too; each tenant has its own
  contoso: {} #! "contoso" stands here a second time; the first is in line 8
  nothing: #! the tenant nothing says nothing; give it hosts, as hosts: [https://intranet.example.com]
  text: here #! here is the text "here": in the tenant text stand names
  list: [a] #! here is a list: in the tenant list stand names
  twice:
    guests: named
    guests: named #! "guests" stands here a second time; the first is in line 15
    sopes: {} #! the tenant twice has no "sopes"; did you mean scopes?
    password: x #! the tenant twice has no "password"; there are hosts, guests, embed-keys, places, scopes, speak, limits, icons, issuers, api-keys and blocked
  ? [a] #! here is a list: what stands before the colon is a name
  : {}
world: {a: b} #! here is a name with a colon: world has a list of the hubs in which tenants may speak to one another, as [chat]
worlds: [a] #! the file has no "worlds"; did you mean world?
`,
	"hosts": `
tenants:
  a:
    hosts: [intranet, https://a.example/, "*", "https://*.com", "https://g\u043e\u043ed.example", https://A.example, https://a.example:443] #! "intranet" is no site: it does not begin with https:// | "https://a.example/" is no site: something follows the host | "*" is no site: every site cannot be allowed | "https://*.com" is no site: a whole top-level domain | "https://gооd.example" is no site: its host has the character 'о'; write other alphabets as xn-- | https://a.example stands here a second time; the first is in line 4
    icons: [https://a.example, {}] #! here is a name with a colon: icons has a list of sites
  b:
    hosts: [] #! the list is empty: hosts has a list of sites, as [https://intranet.example.com]
    icons: #! there is nothing here: icons has a list of sites
  c:
    hosts: {https://a.example: yes} #! here is a name with a colon: hosts has a list of sites
  d:
    hosts: https://a.example
`,
	"words": `
tenants:
  a:
    guests: everybody #! guests cannot be "everybody"; there are nobody, named and anybody
    places: all #! places cannot be "all"; did you mean any?
  b:
    guests: Anybody #! guests cannot be "Anybody"; did you mean anybody?
    places: [any] #! here is a list: places has one of any, verified
  c:
    guests: #! there is nothing here: guests has one of nobody, named, anybody
    places: verifed #! places cannot be "verifed"; did you mean verified?
`,
	"scopes": `
tenants:
  a:
    scopes:
      page: everyone #! a scope cannot be for "everyone"; there are everybody, users and nobody; roles stand in a list, as [editor]
      session: user #! a scope cannot be for "user"; did you mean users?; roles stand in a list, as [editor]
      user: everybody #! the scope user cannot be for everybody, as guests are nobody's user; write users
      place: [users, editor, chief, editor, "", "a` + "\u202E" + `b"] #! no role can be called that: everybody, users and nobody stand alone, without a list | "editor" stands here a second time; the first is in line 8 | no role can be called that: invalid name: it is empty | no role can be called that: it has the character U+202E, which cannot be seen; take it out, or if it belongs there write it as \u202e in double quotes
      tenant: {role: editor} #! here is a name with a colon: a scope is for everybody, users or nobody, or for a list of roles, as [editor]
      world: #! there is nothing here: a scope is for everybody, users or nobody
      planet: nobody #! scopes has no "planet"; did you mean place?
    speak: {tenant: [], sesion: nobody} #! speak has no "sesion"; did you mean session? | the list is empty: a scope is for everybody
  b:
    scopes: nobody #! here is the text "nobody": in scopes stand names
    speak: [tenant] #! here is a list: in speak stand names
`,
	"limits": `
tenants:
  a:
    limits:
      user: {messages: -1, bytes: 0, connections: 1.5, rooms: many} #! messages is at least 1; leave it out for no limit | bytes is at least 1; leave it out for no limit | "1.5" is no whole number, as connections has | "many" is no whole number, as rooms has
      tenant: {messages: 1000000001, bytes: 99999999999999999999, connections: "5", rooms: 5} #! the limit tenant has no "rooms"; there are messages, bytes and connections | messages is at most 1000000000; leave it out for no limit | "99999999999999999999" is no whole number, as bytes has | "5" is no whole number, as connections has
      room: {messages: [1], bytes: , connection: 1} #! the limit room has no "connection"; there are messages and bytes | here is a list: messages has a whole number | there is nothing here: bytes has a whole number
      page: {} #! limits has no "page"; there are user, tenant and room
  b:
    limits: 5 #! here is the text "5": in limits stand names
  c:
    limits: {user: 20} #! here is the text "20": in the limit user stand names
`,
	"embed keys": `
tenants:
  a:
    embed-keys: [ek_1234567890123456, ek_123456789012345, pk_1234567890123456, "ek_123456789012345 6", ek_1234567890123456] #! "ek_123456789012345" is no embed key, which begins with ek_ and goes on with at least 16 letters, digits, - and _; make one with partline embed-key | "pk_1234567890123456" is no embed key | "ek_123456789012345 6" is no embed key | this embed key stands here a second time; the first is in line 4
  b:
    embed-keys: ek_1234567890123456 #! this embed key is that of the tenant a in line 4 too; each tenant has its own
  c:
    embed-keys: {a: b} #! here is a name with a colon: embed-keys has a list of keys, each made by partline embed-key
`,
	"API keys": `
tenants:
  a:
    api-keys:
      - {name: one, sha256: ` + digest + `}
      - {name: one, sha256: ` + strings.ToUpper(digest) + `} #! the name "one" stands here a second time; the first is in line 5 | this API key stands here a second time; the first is in line 5
      - {name: three, sha256: ak_mySecretmySecretmySecret} #! here is the secret itself: keep it out of files, and make another with partline api-key, which prints the line for this file
      - {name: four, sha256: abc} #! sha256 has the 64 hexadecimal digits that partline api-key prints
      - {name: five} #! an API key has a name and the sha256 of its secret; partline api-key prints both
      - {name: six, secret: ak_mySecretmySecretmySecret} #! an API key has no "secret"; there are name and sha256
      - ak_mySecretmySecretmySecret #! api-keys has a list of keys, each as partline api-key prints it: [{name: intranet, sha256: 6b86...}]
      - {name: [], sha256: [1]} #! here is a list: name has a text | sha256 has the 64 hexadecimal digits
  b:
    api-keys: [{name: one, sha256: ` + digest + `}] #! this API key is that of the tenant a in line 5 too; each tenant has its own
  c:
    api-keys: ak_mySecretmySecretmySecret #! api-keys has a list of keys
  d:
    guests: ak_mySecretmySecretmySecret #! guests cannot be "ak_..."; there are nobody, named and anybody
  e:
    hosts: {ak_mySecretmySecretmySecret: 1} #! here is a name with a colon
    blocked: [ak_mySecretmySecretmySecret, ak_mySecretmySecretmySecret] #! "ak_..." stands here a second time; the first is in line 21
`,
	"issuers": `
tenants:
  a:
    issuers:
      - {issuer: https://a.example, jwks: https://a.example/keys, audience: [one], algorithms: [RS256]}
      - {issuer: https://a.example, jwks: https://a.example/keys, audience: [one, two, two], algorithms: [HS256, none, rs256, RS257]} #! "two" stands here a second time; the first is in line 6 | tokens cannot be signed with "HS256", whose secret both ends would know; there are RS256, RS384 | tokens cannot be signed with "none"; there are RS256 | tokens cannot be signed with "rs256"; did you mean RS256? | tokens cannot be signed with "RS257"; did you mean RS256? | the issuer "https://a.example" with the audience "one" stands here a second time; the first is in line 5
      - {issuer: b, audience: [x], algorithms: [ES256], prefix: "b:"} #! an issuer needs jwks | the users of "b" and of "https://a.example" could be taken for one another: give each issuer a prefix with which no other's begins, as prefix: "hr:"
      - {} #! an issuer needs issuer | an issuer needs jwks | an issuer needs audience | an issuer needs algorithms
      - {isuer: c} #! an issuer has no "isuer"; did you mean issuer?
      - text #! here is the text "text": in an issuer stand names
  b:
    issuers:
      - {issuer: https://a.example, jwks: http://a.example/keys, audience: [two], algorithms: RS256, prefix: "a:"} #! "http://a.example/keys" cannot be the address of keys: anybody on the way could change what http:// brings; write https:// | the issuer "https://a.example" with the audience "two" is that of the tenant a in line 6 too; each tenant has its own
      - {issuer: c, jwks: "https:///keys", audience: [c], algorithms: RS256, prefix: "a:b:"} #! "https:///keys" cannot be the address of keys: it does not begin with https:// and a host | the users of "c" and of "https://a.example" could be taken for one another
      - {issuer: d, jwks: "https://me@d.example/keys", audience: [c], algorithms: RS256, prefix: "d:"} #! "https://me@d.example/keys" cannot be the address of keys: it has a user name
      - {issuer: e, jwks: "ftp://e.example/keys", audience: [c], algorithms: RS256, prefix: "e:"} #! "ftp://e.example/keys" cannot be the address of keys: it does not begin with https://
      - {issuer: f, jwks: "https://f.example/keys#1", audience: [c], algorithms: RS256, prefix: "f:"} #! "https://f.example/keys#1" cannot be the address of keys: it has a # in it
      - {issuer: g, jwks: "https://[", audience: [c], algorithms: RS256, prefix: "g:"} #! "https://[" cannot be the address of keys: it is no URL
      - {issuer: h, jwks: "http://localhost:9/keys", audience: [c], algorithms: RS256, prefix: "h\n"} #! no prefix can be called that: invalid name: it has the control character U+000A | the users of "h" and of "https://a.example"
  c:
    issuers:
      issuer: https://a.example #! here is a name with a colon: issuers has a list, each {issuer: https://login.example.com
  d:
    issuers:
      - issuer: d
        jwks: https://d.example/keys
        audience: [d]
        algorithms: [RS256]
        user: #! there is nothing here: user has a text
        name: "" #! no claim can be called that: invalid name: it is empty
        icon: [x] #! here is a list: icon has a text
        roles:
          - {claim: groups, is: 8c1f} #! which role? Add role: editor, or take the values of the claim as roles with is: any
          - {claim: groups, role: editor} #! a rule for roles has a claim and what it is, as {claim: groups, is: staff, role: editor}
          - {is: any} #! a rule for roles has a claim and what it is
          - {clam: a, is: any} #! a rule for roles has no "clam"; did you mean claim?
          - {claim: groups, is: any, role: [a]} #! here is a list: role has a text
          - editor #! here is the text "editor": in a rule for roles stand names
  e:
    issuers: [{issuer: e, jwks: https://e.example, audience: e, algorithms: RS256, roles: any}] #! here is the text "any": roles has a list, each {claim: groups, is: staff, role: editor}
`,
	"yaml": `
tenants:
  a: &a {guests: named} #! "&a" is an anchor, which has no use here; put it in quotes if it is a text
  b: *a #! "*a" is an alias; write out here what it stands for, or put it in quotes if it is a text
  c: {<<: *a} #! "*a" is an alias | the tenant c has no "<<"; there are hosts
  d: {guests: !!str named} #! "!!str" is a tag, which has no use here
`,
	"a text":       `tenants #! here is the text "tenants": in the file stand names`,
	"no tenants":   `world: [chat] #! the file has no tenants; it begins with: tenants:`,
	"empty":        `tenants: {} #! there are no tenants here; a file has at least one`,
	"nothing":      `tenants: #! there is nothing here: in tenants stand names`,
	"tenant":       `tenant: {a: {}} #! the file has no "tenant"; did you mean tenants?`,
	"hubs":         "tenants: {a: {}}\nworld: [chat, \"\", a b, chat] #! no hub can be called that: invalid name: it is empty | no hub can be called that: invalid name: \"a b\" has ' ' | \"chat\" stands here a second time; the first is in line 2",
	"two of it":    "tenants: {a: {}}\n--- #! a second document begins here; all tenants of a file stand under one: tenants:\nx: {}",
	"a tab":        "tenants:\n\ta: 1 #! the line is indented with a tab; YAML takes spaces",
	"an open list": "tenants:\n  a: {guests: \"named #! this is not YAML: found unexpected end of stream\n\n",
}

func TestRead_mistakesByLine(t *testing.T) {
	for name, text := range mistaken {
		t.Run(name, func(t *testing.T) {
			b, err := tenants.Read([]byte(text))
			if b != nil {
				t.Errorf("it is taken all the same: %v", b)
			}
			yamlfiletest.Mistakes(t, text, err)
			if strings.Contains(err.Error(), "mySecret") {
				t.Errorf("a secret is told:\n%v", err)
			}
		})
	}
}

// The same mistakes are told with the same words, in the same order: what is told
// again is told once.
func TestRead_mistakesAreTheSameEachTime(t *testing.T) {
	for name, text := range mistaken {
		_, first := tenants.Read([]byte(text))
		for range 20 {
			if _, again := tenants.Read([]byte(text)); again.Error() != first.Error() {
				t.Errorf("%s: %v\nand then\n%v", name, first, again)
				break
			}
		}
	}
}

// Where a comment in the line would be a part of the mistake, or a line would be
// long.
func TestRead_bounds(t *testing.T) {
	for _, c := range []struct {
		text string
		says string
	}{
		{"", "the file is empty; it begins with: tenants:"},
		{"\ufeff# tenants\r\n", "the file is empty; it begins with: tenants:"},
		{"#" + strings.Repeat("a", yamlfile.MaxFile), "the file is longer than 1 MiB"},
		{"tenants: {" + strings.Repeat("a", 256) + ": {}}", "this name has 256 bytes; a name has at most 255"},
		{"tenants: {" + numbered("t%d: {},", tenants.MaxTenants+1) + "}", "these are 1001 tenants; a file has at most 1000"},
		{"tenants: {a: {hosts: [" + numbered("https://h%d.example,", tenants.MaxHosts+1) + "]}}", "these are 201 sites; hosts has at most 200"},
		{"tenants: {a: {embed-keys: [" + numbered("ek_%020d,", tenants.MaxKeys+1) + "]}}", "these are 201 embed keys; a tenant has at most 200"},
		{"tenants: {a: {api-keys: [" + numbered("{name: k%d},", tenants.MaxKeys+1) + "]}}", "these are 201 API keys; a tenant has at most 200"},
		{"tenants: {a: {blocked: [" + numbered("u%d,", tenants.MaxBlocked+1) + "]}}", "these are 5001; blocked has at most 5000"},
		{"tenants: {a: {scopes: {page: [" + numbered("r%d,", tenants.MaxRoles+1) + "]}}}", "these are 101; a scope has at most 100"},
		{"tenants: {a: {issuers: [" + numbered("{issuer: i%d},", tenants.MaxIssuers+1) + "]}}", "these are 17 issuers; a tenant has at most 16"},
		{"tenants: {a: {issuers: [{issuer: i, jwks: https://i.example, algorithms: RS256, audience: [" + numbered("a%d,", tenants.MaxAudiences+1) + "]}]}}", "these are 33; audience has at most 32"},
		{"tenants: {a: {issuers: [{issuer: i, jwks: https://i.example/" + strings.Repeat("k", 1000) + ", algorithms: RS256, audience: a}]}}", `"https://i.example/kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk..." cannot be the address of keys: it has 1018 bytes; there are at most 1000`},
		{"tenants: {a: {issuers: [{issuer: i, jwks: https://i.example, algorithms: RS256, audience: a, roles: [" + numbered("{claim: c%d, is: any},", tenants.MaxRoles+1) + "]}]}}", "these are 101 rules; an issuer has at most 100"},
		{"tenants: {a: {}}\nworld: [" + numbered("h%d,", tenants.MaxWorld+1) + "]", "these are 101; world has at most 100"},
		{strings.Repeat("[", 20000), "this is not YAML: "},
		{"tenants: {a: " + strings.Repeat("{b: ", 5000) + strings.Repeat("}", 5001) + "}", ""},
	} {
		_, err := tenants.Read([]byte(c.text))
		wrong := yamlfile.Mistakes(nil)
		if !errors.As(err, &wrong) || len(wrong) != 1 || !strings.HasPrefix(wrong[0].Text, c.says) {
			t.Errorf("%.60q: %v, want %s", c.text, err, c.says)
		}
	}
}

// numbered is the format with each number up to n.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// A file as full as it may be is read, with a mark of its encoding and the lines of
// Windows.
func TestRead_manyTenants(t *testing.T) {
	text := "\ufefftenants:\r\n" + numbered("  t%d: {hosts: [\"https://*.t%[1]d.example\"], embed-keys: ek_%020[1]d}\r\n", tenants.MaxTenants)
	b := read(t, text)
	if len(b.All()) != tenants.MaxTenants || b.ByOrigin("https://a.b.t999.example") != b.Tenant("t999") || b.ByEmbedKey("ek_00000000000000000500") != b.Tenant("t500") {
		t.Errorf("%d tenants", len(b.All()))
	}
}

// A file cannot make the program that reads it say much more than it holds, nor
// anything but lines of text.
func TestRead_aThousandMistakes(t *testing.T) {
	wrong := yamlfile.Mistakes(nil)
	_, err := tenants.Read([]byte("tenants: {" + numbered("\n \"t\\u202e%d\\e[31m\": {\"\\u202e\\e[31m\": 1},", tenants.MaxTenants) + "}"))
	if !errors.As(err, &wrong) || len(wrong) != 1000 {
		t.Fatalf("%d mistakes", len(wrong))
	}
	for _, m := range wrong {
		if strings.ContainsFunc(m.Text, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Errorf("line %d: %q", m.Line, m.Text)
		}
	}
}
