package server_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"partline.dev/app/ui"
	"partline.dev/server"
)

var (
	snippetText = regexp.MustCompile(`(?s)<textarea [^>]*id="snippet-([a-z0-9-]+)"[^>]*>(.*?)</textarea>`)
	snippetForm = regexp.MustCompile(`^<iframe src="([^"<>]*)" title="([^"<>]*)" loading="lazy" width="(\d+)" height="(\d+)"></iframe>$`)
)

// snippets are those of a page, as a browser copies them, by the part's name.
func snippets(t *testing.T, page *httptest.ResponseRecorder) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, found := range snippetText.FindAllStringSubmatch(page.Body.String(), -1) {
		text := html.UnescapeString(found[2])
		parts := snippetForm.FindStringSubmatch(text)
		if parts == nil {
			t.Errorf("%q is no frame", text)
			continue
		}
		for i := range parts {
			parts[i] = html.UnescapeString(parts[i])
		}
		all[found[1]] = parts[1:]
	}
	return all
}

// install asks for the page with its form filled in: names and values.
func install(t *testing.T, h http.Handler, filled ...string) *httptest.ResponseRecorder {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(filled); i += 2 {
		form.Set(filled[i], filled[i+1])
	}
	return open(t, h, "/install?"+form.Encode())
}

func verdict(t *testing.T, page *httptest.ResponseRecorder) string {
	t.Helper()
	found := regexp.MustCompile(`data-allowed="([a-z]+)"`).FindStringSubmatch(page.Body.String())
	if found == nil {
		t.Fatalf("there is no verdict in %s", page.Body)
	}
	return found[1]
}

func TestInstall_snippetsOfEveryPart(t *testing.T) {
	h := serve(t, nil)
	got := snippets(t, install(t, h))
	if len(got) != 2 || got["one"][0] != "http://parts.example/parts/one" || got["two"][1] != "Connected Part - Two" || got["one"][2] != "400" || got["one"][3] != "300" {
		t.Errorf("%q", got)
	}
	got = snippets(t, install(t, h, "part", "two", "scope", "place", "room", "Café & Bar", "for-theme", "dark", "for-lang", "de",
		"one.name", "left", "two.name", `Bo"b`, "width", "600", "height", "0"))
	if len(got) != 1 || got["two"][0] != "http://parts.example/parts/two?scope=place&room=Caf%C3%A9+%26+Bar&theme=dark&lang=de&name=Bo%22b" || got["two"][2] != "600" || got["two"][3] != "300" {
		t.Errorf("%q", got)
	}
	// What it says to paste is what it was asked for, and is answered.
	u, err := url.Parse(got["two"][0])
	if err != nil {
		t.Fatal(err)
	}
	if page := open(t, h, u.RequestURI()); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), `lang="de"`) {
		t.Errorf("the part is answered with %d", page.Code)
	}
	has(t, open(t, h, "/"), `href="/install"`)
	// It goes by the public address.
	public := serve(t, func(o *server.Options) { o.PublicURL = "https://example.org/apps" })
	if got := snippets(t, open(t, public, "/apps/install")); got["one"][0] != "https://example.org/apps/parts/one" {
		t.Errorf("%q", got)
	}
	has(t, open(t, public, "/install"), `action="/apps/install"`)
}

func TestInstall_whetherASiteIsAllowed(t *testing.T) {
	h := serve(t, func(o *server.Options) { o.AllowHosts = []string{"https://good.example", "https://*.teams.example"} })
	for host, want := range map[string]struct{ verdict, line string }{
		"":                                   {"unknown", ""},
		"https://good.example":               {"yes", ""},
		"https://good.example/sites/a?b#c":   {"yes", ""},
		"good.example":                       {"yes", ""},
		"GOOD.example":                       {"yes", ""},
		"https://a.b.teams.example/":         {"yes", ""},
		"http://parts.example":               {"yes", ""},
		"https://x.example:8443/page":        {"no", "--allow-host https://x.example:8443"},
		"http://good.example":                {"no", "--allow-host http://good.example"},
		"https://good.example.evil.example":  {"no", "--allow-host https://good.example.evil.example"},
		"https://*.example":                  {"unknown", ""},
		"javascript:alert(1)":                {"unknown", ""},
		"https://a@b.example":                {"unknown", ""},
		"https://x.example; frame-ancestors": {"unknown", ""},
	} {
		page := install(t, h, "host", host)
		if got := verdict(t, page); got != want.verdict {
			t.Errorf("%q: %s, not %s", host, got, want.verdict)
		}
		if want.line != "" {
			has(t, page, want.line+"</pre>")
		} else if strings.Contains(page.Body.String(), `id="line"`) {
			t.Errorf("%q: there is a line", host)
		}
	}
}

// Only what can be is to choose from.
func TestInstall_theWorld(t *testing.T) {
	const option = `<option value="world">`
	if page := install(t, withTenants(t, twoTenants), "key", contosoKey); strings.Contains(page.Body.String(), option) {
		t.Error("the world is offered where tenants meet nowhere")
	}
	has(t, install(t, withTenants(t, twoTenants+"world: [Connected]\n"), "key", contosoKey), option)
}

// Nothing of a tenant is said to who does not know its key.
func TestInstall_ofTenants(t *testing.T) {
	h := withTenants(t, twoTenants)
	page := install(t, h, "host", contosoSite)
	for _, secret := range []string{"fabrikam", "contoso0", "tenant contoso", "contoso has", "pictures"} {
		if strings.Contains(page.Body.String(), secret) {
			t.Errorf("without a key the page says %s", secret)
		}
	}
	if got := snippets(t, page); len(got) != 0 || verdict(t, page) != "unknown" {
		t.Errorf("without a key: %s, %q", verdict(t, page), got)
	}
	has(t, page, "This server has several tenants.")
	page = install(t, h, "host", fabrikamSite, "key", contosoKey)
	if got := snippets(t, page); got["one"][0] != "http://parts.example/parts/one?key="+contosoKey || verdict(t, page) != "no" {
		t.Errorf("with a key: %s, %q", verdict(t, page), got)
	}
	has(t, page, "the tenant contoso has to have this line", "hosts: ["+contosoSite+", "+fabrikamSite+"]")
	if strings.Contains(page.Body.String(), "*.fabrikam") {
		t.Error("it says what another tenant has")
	}
	if got := verdict(t, install(t, h, "host", fabrikamSite, "key", fabrikamKey)); got != "yes" {
		t.Errorf("its own site: %s", got)
	}
	page = install(t, h, "key", "ek_nobodynobodynobody")
	has(t, page, "There is no such embed key here.", `aria-invalid="true"`)
	if got := snippets(t, page); len(got) != 0 {
		t.Errorf("with a key of nobody: %q", got)
	}
	// Of the only tenant there is the name is still for who has the key.
	one := withTenants(t, "tenants: {contoso: {hosts: ["+contosoSite+"], embed-keys: ["+contosoKey+"]}}")
	page = install(t, one, "host", "https://x.example")
	has(t, page, "The tenants file has to have this line:", "https://x.example]")
	if body := page.Body.String(); strings.Contains(body, contosoKey) || strings.Contains(body, "tenant contoso") {
		t.Errorf("without the key: %s", body)
	}
}

func TestInstall_saysWhoShowsIt(t *testing.T) {
	h := serve(t, func(o *server.Options) { o.AllowHosts = []string{"https://good.example"} })
	page := open(t, h, "/install", framed("https://good.example/")...)
	has(t, page, "This page itself is being shown by https://good.example.", `value="https://good.example"`)
	if got := verdict(t, page); page.Code != http.StatusOK || got != "yes" {
		t.Errorf("%d, %s", page.Code, got)
	}
	if page := open(t, h, "/install", framed("https://x.example/")...); page.Code != http.StatusForbidden {
		t.Errorf("a site that may not is answered with %d", page.Code)
	}
	// Who comes from a page is told of that page.
	if got := verdict(t, open(t, h, "/install", "Referer", "https://x.example/")); got != "no" {
		t.Errorf("from a page that is not allowed: %s", got)
	}
	if page := open(t, h, "/install", "Referer", "http://parts.example/"); verdict(t, page) != "unknown" || strings.Contains(page.Body.String(), "is being shown") {
		t.Errorf("from our own list: %s", page.Body)
	}
}

func TestInstall_inEveryLanguage(t *testing.T) {
	h := serve(t, nil)
	for _, lang := range ui.Languages() {
		page := open(t, h, "/install?host=https%3A%2F%2Fx.example&lang="+string(lang))
		texts := lang.InstallTexts()
		has(t, page, `<html lang="`+string(lang)+`" dir="`+lang.Dir()+`">`, "<h1>"+texts.Title+"</h1>", html.EscapeString(texts.AdviceSandbox), texts.ByFlag)
		if lang != ui.English {
			has(t, page, `<input type="hidden" name="lang" value="`+string(lang)+`">`)
		}
		if len(snippets(t, page)) != 2 {
			t.Errorf("%s: there are no snippets", lang)
		}
	}
}

// hostile are texts that would run, or break what they stand in.
var hostile = []string{
	`"><script>window.pwned=1</script>`, `'><img src=x onerror=window.pwned=1>`, `</textarea><script>window.pwned=1</script>`, `</pre><svg onload=window.pwned=1>`,
	`" onfocus="window.pwned=1" autofocus="`, `javascript:window.pwned=1`, `{{.}}`, "a\r\nSet-Cookie: pwned=1", "\x00<b>", `&lt;script&gt;`, "\u202e<b>",
}

// Text of the address never becomes markup, nor HTML that is to be pasted.
func TestInstall_textNeverBecomesMarkup(t *testing.T) {
	h := serve(t, nil)
	clean := regexp.MustCompile(`<[a-z]+`)
	elements := func(page *httptest.ResponseRecorder) map[string]int {
		all := map[string]int{}
		for _, e := range clean.FindAllString(page.Body.String(), -1) {
			all[e]++
		}
		return all
	}
	fields := []string{"host", "key", "room", "part", "scope", "for-theme", "for-lang", "width", "height", "one.name", "two.name", "lang"}
	for _, text := range hostile {
		for _, field := range fields {
			filled := []string{field, text}
			page := install(t, h, filled...)
			want := elements(install(t, h, field, "x"))
			for e, n := range elements(page) {
				problem := field == "key" && e == "<p"
				if n > want[e] && !problem {
					t.Errorf("%s=%q: there are %d of %s, not %d", field, text, n, e, want[e])
				}
			}
			for name, s := range snippets(t, page) {
				if u, err := url.Parse(s[0]); err != nil || u.Host != "parts.example" || u.Path != "/parts/"+name || u.Fragment != "" {
					t.Errorf("%s=%q: the snippet leads to %q", field, text, s[0])
				}
			}
			if page.Header().Get("Set-Cookie") != "" || strings.Contains(page.Body.String(), "\x00") {
				t.Errorf("%s=%q: %v", field, text, page.Header())
			}
		}
	}
}

func TestInstall_endlessAddresses(t *testing.T) {
	h := serve(t, nil)
	page := open(t, h, "/install?room="+strings.Repeat("a", 60<<10))
	if page.Code != http.StatusOK || page.Body.Len() > 32<<10 {
		t.Errorf("%d, %d bytes", page.Code, page.Body.Len())
	}
	page = install(t, h, "room", strings.Repeat("ä", 1000))
	if got := snippets(t, page)["one"][0]; strings.Count(got, "%C3%A4") != 127 {
		t.Errorf("%q", got)
	}
	if got := send(h, http.MethodPost, "/install", "room=x"); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", got.Code)
	}
}

func TestInstall_isLeftOut(t *testing.T) {
	h := serve(t, func(o *server.Options) { o.NoInstall = true })
	if page := open(t, h, "/install"); page.Code != http.StatusNotFound {
		t.Errorf("%d %s", page.Code, page.Body)
	}
	if page := open(t, h, "/"); strings.Contains(page.Body.String(), "install") {
		t.Error(page.Body)
	}
	has(t, open(t, serve(t, nil), "/"), `href="/install"`)
}
