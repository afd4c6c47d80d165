package server_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"partline.dev/server"
	"partline.dev/server/hub"
)

// asked is what the server takes a request for.
type asked struct{ client, host, scheme string }

// askedBy sends a request from peer to a server that trusts proxies, and tells for
// what it was taken. Headers are pairs of name and value; a name may be repeated.
func askedBy(t *testing.T, trusted []string, peer string, headers ...string) asked {
	t.Helper()
	var got asked
	h := serve(t, func(o *server.Options) {
		o.TrustedProxies = trusted
		o.Authenticate = func(r *http.Request) (hub.Principal, error) {
			got = asked{r.RemoteAddr, r.Host, r.URL.Scheme}
			return hub.Principal{}, errors.New("that is all")
		}
	})
	r := httptest.NewRequest(http.MethodPost, "/hubs/connected/negotiate", nil)
	r.RemoteAddr, r.Host = peer, "parts.example"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return got
}

func TestTrustedProxies_rowByRow(t *testing.T) {
	const (
		proxy  = "10.0.0.1:4711"
		xff    = "X-Forwarded-For"
		xfp    = "X-Forwarded-Proto"
		xfh    = "X-Forwarded-Host"
		fwd    = "Forwarded"
		client = "203.0.113.7:0"
	)
	untouched := asked{proxy, "parts.example", ""}
	only := func(client string) asked { return asked{client, "parts.example", ""} }
	for name, e := range map[string]struct {
		peer    string
		headers []string
		want    asked
	}{
		"no header":                      {proxy, nil, untouched},
		"one hop":                        {proxy, []string{xff, "203.0.113.7"}, only(client)},
		"one hop with a port":            {proxy, []string{xff, "203.0.113.7:99"}, only(client)},
		"IPv6":                           {proxy, []string{xff, "2001:db8::7"}, only("[2001:db8::7]:0")},
		"IPv6 in brackets with a port":   {proxy, []string{xff, "[2001:db8::7]:99"}, only("[2001:db8::7]:0")},
		"IPv6 in brackets":               {proxy, []string{xff, "[2001:db8::7]"}, only("[2001:db8::7]:0")},
		"IPv4 written as IPv6":           {proxy, []string{xff, "::ffff:203.0.113.7"}, only(client)},
		"all that a proxy says":          {proxy, []string{xff, "203.0.113.7", xfp, "https", xfh, "public.example"}, asked{client, "public.example", "https"}},
		"no client, but how":             {proxy, []string{xfp, "https", xfh, "public.example:8443"}, asked{proxy, "public.example:8443", "https"}},
		"the proxy on IPv6":              {"[::ffff:10.0.0.1]:4711", []string{xff, "203.0.113.7"}, only(client)},
		"a single trusted address":       {"192.0.2.9:1", []string{xff, "203.0.113.7"}, only(client)},
		"what the client wrote in front": {proxy, []string{xff, "1.1.1.1, 203.0.113.7"}, only(client)},
		"in a header of its own":         {proxy, []string{xff, "1.1.1.1", xff, "203.0.113.7"}, only(client)},
		"two proxies":                    {proxy, []string{xff, "203.0.113.7, 10.0.0.2"}, only(client)},
		"two proxies and a lie":          {proxy, []string{xff, "1.1.1.1, 203.0.113.7, 10.0.0.2"}, only(client)},
		"a lie that looks like a proxy":  {proxy, []string{xff, "10.9.9.9, 203.0.113.7, 10.0.0.2"}, only(client)},
		"nobody but proxies":             {proxy, []string{xff, "10.0.0.3, 10.0.0.2"}, only("10.0.0.3:0")},
		"words before a proxy":           {proxy, []string{xff, "1.1.1.1, unknown, 10.0.0.2"}, only("10.0.0.2:0")},
		"words at the end":               {proxy, []string{xff, "1.1.1.1, unknown"}, untouched},
		"an empty value":                 {proxy, []string{xff, ""}, untouched},
		"commas":                         {proxy, []string{xff, ",,,"}, untouched},
		"endless":                        {proxy, []string{xff, strings.Repeat("1.1.1.1,", 4000) + "203.0.113.7"}, only(client)},
		"endless proxies":                {proxy, []string{xff, "1.1.1.1," + strings.Repeat("10.0.0.2,", 4000) + "10.0.0.3"}, only("10.0.0.2:0")},

		"a scheme for each hop":   {proxy, []string{xff, "203.0.113.7, 10.0.0.2", xfp, "https, http"}, asked{client, "parts.example", "https"}},
		"schemes of other hops":   {proxy, []string{xff, "203.0.113.7", xfp, "https, http"}, only(client)},
		"a scheme that is none":   {proxy, []string{xff, "203.0.113.7", xfp, "javascript"}, only(client)},
		"a host that is none":     {proxy, []string{xff, "203.0.113.7", xfh, "evil.example/?"}, only(client)},
		"a host with a line feed": {proxy, []string{xff, "203.0.113.7", xfh, "evil\r\nexample"}, only(client)},

		"Forwarded":                      {proxy, []string{fwd, "for=203.0.113.7;proto=https;host=public.example"}, asked{client, "public.example", "https"}},
		"Forwarded in quotes":            {proxy, []string{fwd, `For="[2001:db8::7]:99";Proto=HTTPS`}, asked{"[2001:db8::7]:0", "parts.example", "https"}},
		"Forwarded by two":               {proxy, []string{fwd, "for=1.1.1.1, for=203.0.113.7;proto=https , for=10.0.0.2;proto=http"}, asked{client, "parts.example", "https"}},
		"Forwarded, hidden":              {proxy, []string{fwd, "for=1.1.1.1, for=_hidden"}, untouched},
		"Forwarded, unknown":             {proxy, []string{fwd, "for=unknown"}, untouched},
		"Forwarded, a comma in quotes":   {proxy, []string{fwd, `for=203.0.113.7;host="a,for=1.1.1.1"`}, only(client)},
		"Forwarded, an open quote":       {proxy, []string{fwd, `for=1.1.1.1, for="203.0.113.7`}, untouched},
		"Forwarded, no pair":             {proxy, []string{fwd, "203.0.113.7"}, untouched},
		"Forwarded, a semicolon at last": {proxy, []string{fwd, "for=203.0.113.7;"}, untouched},
		"Forwarded, endless":             {proxy, []string{fwd, strings.Repeat("for=1.1.1.1,", 1000) + "for=203.0.113.7"}, untouched},

		"both and the same":       {proxy, []string{xff, "203.0.113.7", fwd, "for=203.0.113.7;proto=http", xfp, "https"}, asked{client, "parts.example", "https"}},
		"both, and one is a lie":  {proxy, []string{xff, "203.0.113.7", fwd, "for=1.1.1.1"}, untouched},
		"from a stranger":         {"203.0.113.9:5", []string{xff, "1.1.1.1", xfp, "https", xfh, "evil.example", fwd, "for=1.1.1.1"}, only("203.0.113.9:5")},
		"from a stranger's proxy": {"203.0.113.9:5", []string{xff, "10.0.0.1"}, only("203.0.113.9:5")},
		"from no address":         {"@", []string{xff, "1.1.1.1"}, only("@")},
	} {
		t.Run(name, func(t *testing.T) {
			if got := askedBy(t, []string{"10.0.0.0/8", "192.0.2.9", "2001:db8:f::/48"}, e.peer, e.headers...); got != e.want {
				t.Errorf("it was taken for %+v, not %+v", got, e.want)
			}
		})
	}
}

func TestTrustedProxies_withoutAnyNobodyIsBelieved(t *testing.T) {
	want := asked{"127.0.0.1:5", "parts.example", ""}
	if got := askedBy(t, nil, "127.0.0.1:5", "X-Forwarded-For", "1.1.1.1", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example"); got != want {
		t.Errorf("it was taken for %+v", got)
	}
}

func TestTrustedProxies_areNetworks(t *testing.T) {
	for _, s := range []string{"", "proxy.example", "10.0.0.0/33", "10.0.0.1:80", "*"} {
		if _, err := server.New(server.Options{TrustedProxies: []string{s}}); err == nil || !strings.Contains(err.Error(), "--trusted-proxy") {
			t.Errorf("%q: the error is %v", s, err)
		}
	}
}

// One client behind the proxy uses up its own share and nobody else's.
func TestTrustedProxies_limitsCountTheClient(t *testing.T) {
	h := serve(t, func(o *server.Options) { o.TrustedProxies = []string{"10.0.0.1"} })
	negotiate := func(client string) int {
		r := httptest.NewRequest(http.MethodPost, "/hubs/connected/negotiate?negotiateVersion=1", nil)
		r.RemoteAddr = "10.0.0.1:4711"
		r.Header.Set("X-Forwarded-For", client)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	const more = 1 << 16 // than anybody may have
	for i := range more {
		switch negotiate("203.0.113.7") {
		case http.StatusOK:
			continue
		case http.StatusTooManyRequests:
			if got := negotiate("203.0.113.8"); got != http.StatusOK {
				t.Errorf("after %d negotiations of one client another is answered %d", i, got)
			}
			return
		}
		t.Fatal("neither taken nor too many")
	}
	t.Errorf("one client may negotiate %d times", more)
}

func FuzzForwarded(f *testing.F) {
	f.Add("203.0.113.7, 10.0.0.2", "https", `for="[2001:db8::7]:99";proto=https;host=a.example`)
	f.Add("unknown", "a,b", `for="`)
	f.Add("[::1", "", "for=_x,for=unknown;by=1")
	f.Fuzz(func(t *testing.T, xff, proto, forwarded string) {
		h := http.Header{"X-Forwarded-For": {xff}, "X-Forwarded-Proto": {proto}, "Forwarded": {forwarded}}
		client, host, scheme := server.ForwardedHop(h, "10.0.0.0/8")
		if client.IsValid() && client.Is4In6() || scheme != "" && scheme != "http" && scheme != "https" || strings.ContainsAny(host, "/\r\n \"") {
			t.Errorf("%q, %q, %q is taken for %v, %q, %q", xff, proto, forwarded, client, host, scheme)
		}
	})
}
