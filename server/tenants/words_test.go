package tenants_test

import (
	"strings"
	"testing"
)

func TestBook_inWords(t *testing.T) {
	for text, want := range map[string]string{
		full: `contoso
  may be shown by pages of: https://contoso.sharepoint.com, https://*.contoso.example, http://localhost:8081
  guests: anybody
  page: everybody
  session: everybody may listen, of whom nobody may speak
  user: users
  place: who is visitor or editor
  tenant: everybody may listen, of whom who is editor may speak
  world: users may listen, of whom who is editor or chief may speak
  users come with tokens of https://login.contoso.example for partline, parts, signed with RS256, EdDSA
  users come with tokens of https://partners.example for partline, signed with ES256
  limits of each user: 20 messages a second, 65536 bytes a second, 50 connections, 100 groups a connection
  limits of the tenant: 5000 messages a second, 10000000 bytes a second, 20000 connections
  limits of each room: 500 messages a second, 1000000 bytes a second
  embed keys: 2
  API keys: intranet
  pictures of users come from: https://pictures.contoso.example
  blocked: mallory, staff:eve
fabrikam
  may be shown by pages of: https://fabrikam.example, https://deep.contoso.example
  guests: whoever says a nickname
  page: everybody
  session: everybody
  user: users
  place: everybody
  tenant: everybody
  world: nobody
  places: only those that a ticket names
  users come with tokens of https://login.contoso.example for fabrikam, signed with RS256
  embed keys: 1
closed
  no other site may show its parts
  guests: nobody comes in without a ticket or a token
  page: everybody
  session: everybody
  user: users
  place: everybody
  tenant: everybody
  world: nobody
https://deep.contoso.example is a host of several tenants: there the embed key of a snippet, or credentials, say which is meant
tenants meet in the scope world of: chat
`,
		`tenants: {"a, b": {scopes: {world: users, tenant: nobody}, speak: {tenant: users}, api-keys: [{name: "the one", sha256: ` + digest + `}]}}`: `"a, b"
  no other site may show its parts
  guests: nobody comes in without a ticket or a token
  page: everybody
  session: everybody
  user: users
  place: everybody
  tenant: nobody
  world: nobody, as no hub stands under world:
  API keys: "the one"
`,
	} {
		if got := read(t, text).String(); got != want {
			t.Errorf("it says\n%s\nand not\n%s", got, want)
		}
	}
}

// Operators paste what is said: no key is in it, and nothing that moves a terminal.
func TestBook_inWordsWithoutKeys(t *testing.T) {
	said := read(t, full).String()
	for _, secret := range []string{"ek_", "6ca13d52"} {
		if strings.Contains(said, secret) {
			t.Errorf("it says %s:\n%s", secret, said)
		}
	}
}
