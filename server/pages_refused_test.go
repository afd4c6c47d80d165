package server_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server"
)

// framed are the headers of a page that a page of another site shows.
func framed(referer string) []string {
	return []string{"Sec-Fetch-Dest", "iframe", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "cross-site", "Referer", referer}
}

func TestRefused_saysWhichSiteAndWhomToAsk(t *testing.T) {
	var log bytes.Buffer
	h := serve(t, func(o *server.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	page := open(t, h, "/parts/one", framed("https://x.example:8443/")...)
	if page.Code != http.StatusForbidden {
		t.Errorf("it is answered with %d", page.Code)
	}
	has(t, page, "This page’s site, https://x.example:8443, is not allowed yet. Ask your administrator to add it.")
	policy := page.Header().Get("Content-Security-Policy")
	if !strings.HasSuffix(policy, "frame-ancestors https://x.example:8443") || !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "script-src") {
		t.Error(policy)
	}
	if page.Header().Get("X-Frame-Options") != "" || page.Header().Get("Cache-Control") != "no-store" {
		t.Error(page.Header())
	}
	// It is inert.
	if found := regexp.MustCompile(`(?i)<script|<a\b|<form|<button|<input|<iframe`).FindString(page.Body.String()); found != "" {
		t.Errorf("it has %s", found)
	}
	if !strings.Contains(log.String(), `to_allow="--allow-host https://x.example:8443"`) {
		t.Errorf("the log says %s", log.String())
	}
}

func TestRefused_speaksTheReadersLanguage(t *testing.T) {
	page := open(t, serve(t, nil), "/parts/one", append(framed("https://x.example/"), "Accept-Language", "de")...)
	has(t, page, "Die Website dieser Seite, https://x.example, ist noch nicht erlaubt.")
}

func TestRefused_onlyWhereItIsKnownWhoAsks(t *testing.T) {
	h := serve(t, func(o *server.Options) {
		o.AllowHosts = []string{"https://good.example", "https://*.teams.example"}
	})
	for name, e := range map[string]struct {
		headers []string
		want    int
	}{
		"an allowed site":                {framed("https://good.example/page"), 200},
		"below an allowed site":          {framed("https://a.b.teams.example/"), 200},
		"this site":                      {framed("http://parts.example/"), 200},
		"no referrer":                    {framed(""), 200},
		"a link":                         {[]string{"Sec-Fetch-Dest", "document", "Referer", "https://x.example/"}, 200},
		"a browser that does not tell":   {[]string{"Referer", "https://x.example/"}, 200},
		"a fetch":                        {[]string{"Sec-Fetch-Dest", "empty", "Referer", "https://x.example/"}, 200},
		"another site":                   {framed("https://x.example/"), 403},
		"a look-alike":                   {framed("https://good.example.evil.example/"), 403},
		"another port":                   {framed("https://good.example:444/"), 403},
		"another scheme":                 {framed("http://good.example/"), 403},
		"the domain above":               {framed("https://teams.example/"), 403},
		"an object":                      {[]string{"Sec-Fetch-Dest", "object", "Referer", "https://x.example/"}, 403},
		"an embed":                       {[]string{"Sec-Fetch-Dest", "embed", "Referer", "https://x.example/"}, 403},
		"a frame":                        {[]string{"Sec-Fetch-Dest", "frame", "Referer", "https://x.example/"}, 403},
		"a fenced frame":                 {[]string{"Sec-Fetch-Dest", "fencedframe", "Referer", "https://x.example/"}, 403},
		"a referrer that is not a site":  {framed("about:blank"), 200},
		"a referrer with a user":         {framed("https://a@x.example/"), 200},
		"a referrer that is a wildcard":  {framed("https://*.x.example/"), 200},
		"a referrer with a bad host":     {framed("https://x.example;script-src%20*/"), 200},
		"a referrer with a quote":        {framed(`https://x.example"onload=/`), 200},
		"a referrer in another alphabet": {framed("https://exämple.example/"), 200},
		"a very long referrer":           {framed("https://x.example/" + strings.Repeat("a", 5000)), 200},
	} {
		t.Run(name, func(t *testing.T) {
			page := open(t, h, "/parts/one", e.headers...)
			if page.Code != e.want {
				t.Errorf("it is answered with %d, not %d", page.Code, e.want)
			}
			if page.Code == 200 && !strings.Contains(page.Header().Get("Content-Security-Policy"), "frame-ancestors 'self' https://good.example https://*.teams.example") {
				t.Error(page.Header())
			}
		})
	}
}

func TestRefused_cannotFloodTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		h := serve(t, func(o *server.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		lines := func() int { return strings.Count(log.String(), "--allow-host") }
		for range 100 {
			open(t, h, "/parts/one", framed("https://x.example/")...)
		}
		if lines() != 1 {
			t.Errorf("one site is told %d times", lines())
		}
		for i := range 100 {
			open(t, h, "/parts/one", framed(fmt.Sprintf("https://x%d.example/", i))...)
		}
		if lines() != 10 {
			t.Errorf("many sites are told in %d lines", lines())
		}
		<-time.After(time.Minute) // of the bubble's clock
		open(t, h, "/parts/one", framed("https://x.example/")...)
		if lines() != 11 || !strings.Contains(log.String(), "requests=91") {
			t.Errorf("a minute later the log says\n%s", log.String())
		}
	})
}
