package tenants_test

import (
	"os"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/tenants"
)

// documented are the files that docs/tenants.md shows.
func documented(t testing.TB) []string {
	t.Helper()
	page, err := os.ReadFile("../../docs/tenants.md")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, rest := range strings.Split(string(page), "\n```yaml\n")[1:] {
		file, _, closed := strings.Cut(rest, "\n```\n")
		if !closed {
			t.Fatal("a block of YAML has no end")
		}
		files = append(files, file+"\n")
	}
	return files
}

func TestDocs_theFirstFile(t *testing.T) {
	first := documented(t)[0]
	if lines := strings.Count(first, "\n"); lines > 10 {
		t.Errorf("the first file takes %d lines", lines)
	}
	b := read(t, first)
	contoso, fabrikam := b.Tenant("contoso"), b.Tenant("fabrikam")
	if b.ByOrigin("https://contoso.sharepoint.com") != contoso || contoso.Guests != tenants.Named ||
		b.ByOrigin("https://a.fabrikam.example") != fabrikam || b.ByEmbedKey("ek_3fA9u0Zq7LxYc2VbNw5Rtg") != fabrikam || fabrikam.Guests != tenants.Nobody {
		t.Errorf("it says\n%v", b)
	}
	for id, want := range map[string]bool{"": false, "ann": true} {
		if got := contoso.Rules(hub.Principal{ID: id}, "connected").Scopes.Has("tenant"); got != want {
			t.Errorf("%q is in the scope tenant: %v", id, got)
		}
	}
}

// The file with every member has every member, and what the table says of a member
// that is left out is so.
func TestDocs_everyMember(t *testing.T) {
	all := documented(t)[1]
	b := read(t, all)
	for _, member := range []string{"hosts", "guests", "embed-keys", "places", "scopes", "speak", "limits", "icons", "issuers", "api-keys", "blocked"} {
		if !strings.Contains(all, "\n    "+member+":") {
			t.Errorf("the file does not show %s", member)
		}
	}
	if !b.World("chat") || len(b.Only().Issuers[0].Roles) != 2 {
		t.Errorf("it says\n%v", b)
	}
	// The scopes stand there as if they were left out.
	bare := read(t, "tenants: {contoso: {guests: anybody}}").Only()
	for _, p := range []hub.Principal{{}, {ID: "ann"}, {ID: "ann", Roles: []string{"editor"}}} {
		if got, want := b.Only().Rules(p, "chat").Scopes, bare.Rules(p, "chat").Scopes; got != want {
			t.Errorf("%+v is in %v, and with scopes left out in %v", p, got.List(), want.List())
		}
	}
}

func TestDocs_severalIssuers(t *testing.T) {
	files := documented(t)
	if len(files) != 3 {
		t.Fatalf("there are %d files", len(files))
	}
	if got := read(t, files[2]).Only().Issuers; len(got) != 2 || got[0].Prefix != "staff:" || got[1].Prefix != "partner:" {
		t.Errorf("%+v", got)
	}
}
