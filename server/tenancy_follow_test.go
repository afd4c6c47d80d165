package server_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/internal/testkit/program"
	"partline.dev/server"
)

// soon is longer than the server takes to notice that a file has changed: it looks
// every five seconds, at what was read within the last five.
const soon = 11 * time.Second

// following is a server whose tenants are in a file that changes.
func following(t *testing.T) (h http.Handler, file string, log *logged) {
	t.Helper()
	log = &logged{}
	file = tenantsFile(t, twoTenants)
	return serve(t, func(o *server.Options) {
		o.Tenants = file
		o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}), file, log
}

// everyTenant is visitors of both tenants.
func everyTenant(t *testing.T, h http.Handler, each int) (contoso, fabrikam []*visitor) {
	t.Helper()
	for range each {
		contoso = append(contoso, visit(t, h, "/hubs/connected", `{"key":"`+contosoKey+`","where":{"scope":"tenant"}}`))
		fabrikam = append(fabrikam, visit(t, h, "/hubs/connected", `{"key":"`+fabrikamKey+`","where":{"scope":"tenant"}}`))
	}
	return contoso, fabrikam
}

// allHear has one of them speak after another, and each must hear what its call
// publishes.
func allHear(t *testing.T, visitors []*visitor, round string) {
	t.Helper()
	for i, v := range visitors {
		words := fmt.Sprint(round, "-", i)
		if heard := v.shout(words); !strings.Contains(heard, `"arguments":["Part","`+words+`"]`) {
			t.Errorf("visitor %d hears %q", i, heard)
		}
	}
}

// The file changes while everybody speaks, again and again, and nobody is dropped.
func TestTenants_changeUnderTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, file, _ := following(t)
		contoso, fabrikam := everyTenant(t, h, 50)
		for round := range 3 {
			added := fmt.Sprintf("https://new%d.example", round)
			writeTenants(t, file, strings.Replace(twoTenants, "["+contosoSite+"]", "["+contosoSite+", "+added+"]", 1))
			for until := time.Now().Add(soon); time.Now().Before(until); <-time.After(time.Second) { // of the bubble's clock
				allHear(t, contoso, fmt.Sprint("c", round, time.Now().Unix()))
				allHear(t, fabrikam, fmt.Sprint("f", round, time.Now().Unix()))
			}
			if got := negotiate(h, "/hubs/connected", `{}`, "Origin", added); got.Code != http.StatusOK {
				t.Errorf("the new site is answered with %d %s", got.Code, got.Body)
			}
			if policy := open(t, h, "/parts/one?key="+contosoKey).Header().Get("Content-Security-Policy"); !strings.HasSuffix(policy, " "+added) {
				t.Errorf("the new site may not show parts: %s", policy)
			}
			if round == 0 {
				continue
			}
			before := fmt.Sprintf("https://new%d.example", round-1)
			if got := negotiate(h, "/hubs/connected", `{}`, "Origin", before); got.Code != http.StatusForbidden {
				t.Errorf("the site before it is answered with %d %s", got.Code, got.Body)
			}
		}
		for _, v := range append(contoso, fabrikam...) {
			v.bye()
		}
	})
}

func TestTenants_aBadFileChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, file, log := following(t)
		contoso, fabrikam := everyTenant(t, h, 2)
		// A line of it is right and would let another site in.
		writeTenants(t, file, strings.Replace(twoTenants, contosoSite, "https://evil.example", 1)+"    guest: nobody\n")
		for i := range 5 {
			<-time.After(soon)
			allHear(t, contoso, fmt.Sprint("c", i))
			allHear(t, fabrikam, fmt.Sprint("f", i))
		}
		if got := negotiate(h, "/hubs/connected", `{}`, "Origin", "https://evil.example"); got.Code != http.StatusForbidden {
			t.Errorf("a site of the bad file is answered with %d", got.Code)
		}
		if got := negotiate(h, "/hubs/connected", `{}`, "Origin", contosoSite); got.Code != http.StatusOK {
			t.Errorf("a site of the file before is answered with %d", got.Code)
		}
		if said := strings.Count(log.String(), "what was read before stays in use"); said != 1 || !strings.Contains(log.String(), "tenants.yaml:11: ") {
			t.Errorf("in %s it is said %d times:\n%s", 5*soon, said, log)
		}
		// It is mended.
		writeTenants(t, file, strings.Replace(twoTenants, contosoSite, "https://mended.example", 1))
		<-time.After(soon)
		if got := negotiate(h, "/hubs/connected", `{}`, "Origin", "https://mended.example"); got.Code != http.StatusOK {
			t.Errorf("a site of the mended file is answered with %d", got.Code)
		}
		for _, v := range append(contoso, fabrikam...) {
			v.bye()
		}
	})
}

// Who may not be where it is any more is closed, told why, and may come back; the
// others notice nothing.
func TestTenants_newRulesCloseWhomTheyDoNotAllow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, file, _ := following(t)
		contoso, fabrikam := everyTenant(t, h, 2)
		writeTenants(t, file, twoTenants+"    scopes: {tenant: nobody}\n")
		told := make([]string, len(fabrikam))
		var polls sync.WaitGroup
		for i, v := range fabrikam {
			polls.Go(func() { told[i] = v.poll() })
		}
		<-time.After(soon)
		polls.Wait()
		for _, heard := range told {
			if !strings.Contains(heard, `"type":7`) || !strings.Contains(heard, "[rules]") || !strings.Contains(heard, `"allowReconnect":true`) {
				t.Errorf("who may not be there any more hears %q", heard)
			}
		}
		allHear(t, contoso, "c")
		if got := negotiate(h, "/hubs/connected", `{"key":"`+fabrikamKey+`","where":{"scope":"tenant"}}`); !strings.Contains(got.Body.String(), `"code":"scope"`) {
			t.Errorf("it comes back: %d %s", got.Code, got.Body)
		}
		// A tenant that is gone takes its visitors with it.
		writeTenants(t, file, twoTenants[:strings.Index(twoTenants, "  fabrikam:")])
		<-time.After(soon)
		allHear(t, contoso, "d")
		if got := negotiate(h, "/hubs/connected", `{"key":"`+fabrikamKey+`"}`); got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), `"code":"key"`) {
			t.Errorf("the tenant that is gone: %d %s", got.Code, got.Body)
		}
		for _, v := range contoso {
			v.bye()
		}
	})
}

// After the end nobody looks at the file any more.
func TestTenants_areNotFollowedAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &logged{}
		file := tenantsFile(t, twoTenants)
		s, err := server.New(server.Options{App: program.Built(), Tenants: file, Log: slog.New(slog.NewTextHandler(log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		writeTenants(t, file, "tenants: {other: {}}")
		<-time.After(soon)
		if strings.Contains(log.String(), "read anew") {
			t.Errorf("the log says %s", log)
		}
	})
}
