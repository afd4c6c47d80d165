package tenants_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/server/tenants"
)

// full is a file with every member that there is.
const full = `tenants:
  contoso:
    hosts: [https://contoso.sharepoint.com, "https://*.contoso.example", http://localhost:8081]
    guests: anybody
    embed-keys: [ek_3fA9contosocontoso, ek_second-key_of-contoso]
    places: any
    scopes: {page: everybody, session: everybody, user: users, place: [visitor, editor], tenant: everybody, world: users}
    speak: {tenant: [editor], world: [editor, chief], session: nobody}
    limits:
      user: {messages: 20, bytes: 65536, connections: 50, rooms: 100}
      tenant: {messages: 5000, bytes: 10000000, connections: 20000}
      room: {messages: 500, bytes: 1000000}
    icons: [https://pictures.contoso.example]
    issuers:
      - {issuer: https://login.contoso.example, jwks: https://login.contoso.example/keys, audience: [partline, parts], algorithms: [RS256, EdDSA], user: oid, name: nick, icon: photo, prefix: "staff:", roles: [{claim: groups, is: 8c1f, role: editor}, {claim: role, is: any}, {claim: admin, is: any, role: chief}]}
      - {issuer: https://partners.example, jwks: "http://127.0.0.1:9/keys", audience: partline, algorithms: ES256, prefix: "partner:"}
    api-keys: [{name: intranet, sha256: 6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090}]
    blocked: [mallory, "staff:eve"]
  fabrikam:
    hosts: [https://fabrikam.example, https://deep.contoso.example]
    guests: named
    places: verified
    embed-keys: [ek_fabrikamfabrikam1]
    issuers:
      - {issuer: https://login.contoso.example, jwks: https://login.contoso.example/keys, audience: [fabrikam], algorithms: [RS256]}
  closed: {}
world: [chat]
`

// read reads a file without mistakes.
func read(t testing.TB, text string) *tenants.Book {
	t.Helper()
	b, err := tenants.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// written is the path of a file that holds text.
func written(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tenants.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNewAPIKey(t *testing.T) {
	secret, digest := tenants.NewAPIKey()
	other, _ := tenants.NewAPIKey()
	if secret == other || len(secret) != 46 || strings.Trim(digest, "0123456789abcdef") != "" {
		t.Errorf("%q, %q and %q", secret, digest, other)
	}
	b := read(t, "tenants: {a: {}, b: {api-keys: [{name: one, sha256: "+digest+"}]}}")
	if found, name := b.ByAPIKey(secret); found != b.Tenant("b") || name != "one" {
		t.Errorf("the key is %q of %v", name, found)
	}
	for _, wrong := range []string{"", other, digest, secret + " ", strings.Repeat(secret, 100)} {
		if found, name := b.ByAPIKey(wrong); found != nil || name != "" {
			t.Errorf("%q is the key %s", wrong, name)
		}
	}
}

func TestNewEmbedKey(t *testing.T) {
	key := tenants.NewEmbedKey()
	if key == tenants.NewEmbedKey() {
		t.Error("it made one key twice")
	}
	b := read(t, "tenants: {a: {}, b: {embed-keys: "+key+"}}")
	if found := b.ByEmbedKey(key); found != b.Tenant("b") {
		t.Errorf("%s is that of %v", key, found)
	}
	if found := b.ByEmbedKey(""); found != nil {
		t.Error("no key is one")
	}
}
