package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"partline.dev/server/api"
	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// people are connections of two tenants, by their names.
func people(t *testing.T, f *fixture) map[string]*hubtest.Client {
	t.Helper()
	in := func(p hub.Principal, w access.Where) *hubtest.Client { return f.hub.ConnectIn(p, w) }
	all := map[string]*hubtest.Client{
		"ann":     in(hub.Principal{Tenant: "contoso", ID: "ann"}, access.Where{}),
		"bob":     in(hub.Principal{Tenant: "contoso", ID: "bob"}, access.Where{Scope: contract.ScopeUser}),
		"place":   in(hub.Principal{Tenant: "contoso"}, access.Where{Scope: contract.ScopePlace, Place: "standup"}),
		"page":    in(hub.Principal{Tenant: "contoso"}, access.Where{Scope: contract.ScopePage, Page: strings.Repeat("A", 22)}),
		"ann-f":   in(hub.Principal{Tenant: "fabrikam", ID: "ann"}, access.Where{}),
		"place-f": in(hub.Principal{Tenant: "fabrikam"}, access.Where{Scope: contract.ScopePlace, Place: "standup"}),
		"page-f":  in(hub.Principal{Tenant: "fabrikam"}, access.Where{Scope: contract.ScopePage, Page: strings.Repeat("A", 22)}),
	}
	for name, group := range map[string]string{"ann": "sales", "place": "sales", "bob": "shop", "ann-f": "sales"} {
		if _, err := hubtest.Call(t.Context(), all[name], joinCall, join{group}); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestPublish_reachesWhomItNames(t *testing.T) {
	f := serve(t, nil)
	all := people(t, f)
	own := "ann bob page place"
	for to, want := range map[string]string{
		``:                                   own,
		`,"to":null`:                         own,
		`,"to":{"all":true}`:                 own,
		`,"to":{"all":true,"except":["%s"]}`: "bob page place",
		`,"to":{"group":"sales"}`:            "ann place",
		`,"to":{"group":"sales","except":["%s"]}`:              "place",
		`,"to":{"groups":["sales","shop","sales"]}`:            "ann bob place",
		`,"to":{"group":"nobody"}`:                             "",
		`,"to":{"user":"ann"}`:                                 "ann",
		`,"to":{"users":["ann","bob","zoe"]}`:                  "ann bob",
		`,"to":{"connection":"%s"}`:                            "ann",
		`,"to":{"connections":["%s","x"]}`:                     "ann",
		`,"to":{"scope":"place","id":"standup"}`:               "place",
		`,"to":{"scope":"PLACE","id":"other"}`:                 "",
		`,"to":{"scope":"page","id":"AAAAAAAAAAAAAAAAAAAAAA"}`: "page",
		`,"to":{"scope":"user","id":"bob"}`:                    "bob",
		`,"to":{"scope":"tenant"}`:                             "ann",
	} {
		t.Run(to, func(t *testing.T) {
			to := strings.ReplaceAll(to, "%s", all["ann"].ID())
			f.publish(`{"arguments":["x",1]`+to+`}`).want(t, http.StatusAccepted, "")
			heard := ""
			for _, name := range []string{"ann", "ann-f", "bob", "page", "page-f", "place", "place-f"} {
				if got := names(t, all[name]); got != "" {
					heard += " " + name
				}
			}
			if strings.TrimSpace(heard) != want {
				t.Errorf("heard by%s, not by %s", heard, want)
			}
		})
	}
}

// A connection's id opens nothing to another tenant.
func TestPublish_neverLeavesTheTenant(t *testing.T) {
	f := serve(t, nil)
	all := people(t, f)
	for _, to := range []string{
		`{"connection":"` + all["ann"].ID() + `"}`, `{"user":"ann"}`, `{"group":"sales"}`, `{"scope":"tenant"}`, `{"all":true}`,
		`{"scope":"page","id":"AAAAAAAAAAAAAAAAAAAAAA"}`, `{"scope":"place","id":"standup"}`,
	} {
		f.ask(http.MethodPost, publishPath, f.fabrikam, `{"arguments":["x",1],"to":`+to+`}`).want(t, http.StatusAccepted, "")
	}
	for _, name := range []string{"ann", "bob", "page", "place"} {
		if got := names(t, all[name]); got != "" {
			t.Errorf("%s of contoso heard %q of fabrikam", name, got)
		}
	}
	if got := names(t, all["ann-f"]); got != strings.TrimSpace(strings.Repeat("x ", 4)) {
		t.Errorf("ann of fabrikam heard %q", got)
	}
}

func TestPublish_theContractSaysWhatArguments(t *testing.T) {
	f := serve(t, nil)
	ann := f.hub.Connect(hub.Principal{Tenant: "contoso"})
	f.publish(`{"arguments":["a",2]}`).want(t, http.StatusAccepted, "")
	got := hubtest.Await(t, ann, saidEvent)
	if got.Name != "a" || got.Count != 2 {
		t.Errorf("%+v was heard", got)
	}
	for body, code := range map[string]api.Code{
		`{"arguments":["a"]}`:        api.CodeArguments,
		`{"arguments":["a",1,{}]}`:   api.CodeArguments,
		`{"arguments":[1,"a"]}`:      api.CodeArguments,
		`{"arguments":["a",1.5]}`:    api.CodeArguments,
		`{"arguments":["a",1e999]}`:  api.CodeArguments,
		`{"arguments":{"name":"a"}}`: api.CodeArguments,
		`{"arguments":"a"}`:          api.CodeArguments,
		`{"arguments":null}`:         api.CodeArguments,
		`{}`:                         api.CodeArguments,
		`{"arguments":["a",` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `]}`: api.CodeArguments,
		``:                        api.CodeBody,
		`[]`:                      api.CodeBody,
		`null`:                    api.CodeBody,
		`"x"`:                     api.CodeBody,
		`{"arguments":["a",1]} x`: api.CodeBody,
		`{"arguments":["a",1],"arguments":["b",2]}`:                               api.CodeBody,
		`{"Arguments":["a",1]}`:                                                   api.CodeBody,
		`{"arguments":["a",1],"target":"x"}`:                                      api.CodeBody,
		"{\"arguments\":[\"\xff\",1]}":                                            api.CodeBody,
		`{"arguments":["a",1],"to":[]}`:                                           api.CodeBody,
		`{"arguments":["a",1],"to":{"group":1}}`:                                  api.CodeBody,
		`{"arguments":["a",1],"to":{"users":"a"}}`:                                api.CodeBody,
		`{"arguments":["a",1],"to":{"users":[null]}}`:                             api.CodeBody,
		`{"arguments":["a",1],"to":{"who":"a"}}`:                                  api.CodeBody,
		`{"arguments":["a",1],"to":{}}`:                                           api.CodeTarget,
		`{"arguments":["a",1],"to":{"all":false}}`:                                api.CodeTarget,
		`{"arguments":["a",1],"to":{"users":[]}}`:                                 api.CodeTarget,
		`{"arguments":["a",1],"to":{"group":""}}`:                                 api.CodeTarget,
		`{"arguments":["a",1],"to":{"group":"a\u0001"}}`:                          api.CodeTarget,
		`{"arguments":["a",1],"to":{"group":"` + strings.Repeat("a", 256) + `"}}`: api.CodeTarget,
		`{"arguments":["a",1],"to":{"group":"a","user":"b"}}`:                     api.CodeTarget,
		`{"arguments":["a",1],"to":{"user":"a","except":["b"]}}`:                  api.CodeTarget,
		`{"arguments":["a",1],"to":{"group":"a","id":"b"}}`:                       api.CodeTarget,
		`{"arguments":["a",1],"to":{"scope":"room","id":"b"}}`:                    api.CodeTarget,
		`{"arguments":["a",1],"to":{"scope":"place"}}`:                            api.CodeTarget,
		`{"arguments":["a",1],"to":{"scope":"page","id":"short"}}`:                api.CodeTarget,
		`{"arguments":["a",1],"to":{"scope":"tenant","id":"fabrikam"}}`:           api.CodeTarget,
	} {
		if a := f.publish(body); a.Code != http.StatusBadRequest || a.Error != string(code) {
			t.Errorf("%.80s: %d %s, not %s", body, a.Code, a.Body, code)
		}
	}
	f.publish(`{"arguments":["a",1],"to":{"scope":"world"}}`).want(t, http.StatusForbidden, api.CodeWorld)
	if got := names(t, ann); got != "" {
		t.Errorf("what was refused was heard: %q", got)
	}
}

func TestPublish_whatRequestsAreRefused(t *testing.T) {
	f := serve(t, nil)
	ann := f.hub.Connect(hub.Principal{Tenant: "contoso"})
	const good = `{"arguments":["a",1]}`
	for name, c := range map[string]struct {
		got    answer
		status int
		code   api.Code
	}{
		"no key":                 {f.ask("POST", publishPath, "", good), 401, api.CodeKey},
		"a key that is none":     {f.ask("POST", publishPath, "nokey", good), 401, api.CodeKey},
		"a long key":             {f.ask("POST", publishPath, strings.Repeat("a", 64<<10), good), 401, api.CodeKey},
		"two keys":               {f.ask("POST", publishPath, f.contoso, good, "Authorization", "Bearer "+f.contoso), 401, api.CodeKey},
		"another scheme":         {f.ask("POST", publishPath, "", good, "Authorization", "Basic "+f.contoso), 401, api.CodeKey},
		"a key in the query":     {f.ask("POST", publishPath+"?access_token="+f.contoso, "", good), 401, api.CodeKey},
		"a page":                 {f.publish(good, "Origin", "https://evil.example"), 403, api.CodeOrigin},
		"its own page":           {f.publish(good, "Origin", "http://parts.example"), 403, api.CodeOrigin},
		"a page without name":    {f.publish(good, "Origin", "null"), 403, api.CodeOrigin},
		"a browser's form":       {f.publish(good, "Sec-Fetch-Site", "same-origin"), 403, api.CodeOrigin},
		"a preflight":            {f.ask("OPTIONS", publishPath, "", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST"), 403, api.CodeOrigin},
		"another hub":            {f.ask("POST", "/api/v1/hubs/walk/events/said", f.contoso, good), 404, api.CodeHub},
		"another event":          {f.ask("POST", "/api/v1/hubs/talk/events/sang", f.contoso, good), 404, api.CodeEvent},
		"a method":               {f.ask("POST", "/api/v1/hubs/talk/events/Join", f.contoso, `{"arguments":["x"]}`), 404, api.CodeEvent},
		"no event":               {f.ask("POST", "/api/v1/hubs/talk/events", f.contoso, good), 404, api.CodePath},
		"above":                  {f.ask("POST", "/api/v1/hubs/talk/events/../events/said", f.contoso, good), 404, api.CodePath},
		"one more name":          {f.ask("POST", publishPath+"/x", f.contoso, good), 404, api.CodePath},
		"another method of HTTP": {f.ask("GET", publishPath, f.contoso, ""), 405, api.CodeMethod},
		"no type":                {f.publish(good, "Content-Type", ""), 415, api.CodeMediaType},
		"a form":                 {f.publish(good, "Content-Type", "", "Content-Type", "application/x-www-form-urlencoded"), 415, api.CodeMediaType},
		"long arguments":         {f.publish(`{"arguments":["` + strings.Repeat("a", 32<<10) + `",1]}`), 413, api.CodeTooLong},
		"a long body":            {f.publish(`{"arguments":["a",1]` + strings.Repeat(" ", 96<<10) + `}`), 413, api.CodeTooLong},
	} {
		if c.got.Code != c.status || c.got.Error != string(c.code) {
			t.Errorf("%s: %d %s, not %d %s", name, c.got.Code, c.got.Body, c.status, c.code)
		}
		if strings.Contains(c.got.Body.String(), f.contoso) {
			t.Errorf("%s: the answer has the key in it", name)
		}
		if challenge := c.got.Header().Get("WWW-Authenticate"); (challenge == "Bearer") != (c.status == 401) {
			t.Errorf("%s: the challenge is %q", name, challenge)
		}
	}
	if got := names(t, ann); got != "" {
		t.Errorf("what was refused was heard: %q", got)
	}
	if got := f.handler.Stats(); got.Published != 0 || got.Refused < 20 {
		t.Errorf("it counts %+v", got)
	}
}

func TestPublish_hubsAndEventsInAnyCase(t *testing.T) {
	f := serve(t, nil)
	ann := f.hub.Connect(hub.Principal{Tenant: "contoso"})
	for _, path := range []string{"/api/v1/hubs/TALK/events/Said", "/api/v1/hubs/talk/events/%73aid"} {
		f.ask("POST", path, f.contoso, `{"arguments":["a",1]}`).want(t, 202, "")
	}
	if got := names(t, ann); got != "a a" {
		t.Errorf("%q was heard", got)
	}
}

// Without a file of tenants there are no keys, and the answer says what to do.
func TestAPI_withoutTenants(t *testing.T) {
	f := serve(t, func(o *api.Options) { o.Book = nil })
	for _, path := range []string{publishPath, "/api/v1/tickets", "/api/v1/x"} {
		a := f.ask("POST", path, f.contoso, `{}`)
		a.want(t, 404, api.CodeNotConfigured)
		for _, word := range []string{"--tenants", "partline api-key"} {
			if !strings.Contains(a.Words, word) {
				t.Errorf("%s: it does not say %s: %s", path, word, a.Words)
			}
		}
	}
}

func TestAPI_rateOfAKey(t *testing.T) {
	f := serve(t, func(o *api.Options) { o.Rate, o.Burst = 10, 3 })
	for range 3 {
		f.publish(`{"arguments":["a",1]}`).want(t, 202, "")
	}
	a := f.publish(`{"arguments":["a",1]}`)
	a.want(t, 429, api.CodeRate)
	if a.Header().Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
	// Another key has a rate of its own, and time helps.
	f.ask("POST", publishPath, f.fabrikam, `{"arguments":["a",1]}`).want(t, 202, "")
	f.now.Add(100)
	f.publish(`{"arguments":["a",1]}`).want(t, 202, "")
	f.publish(`{"arguments":["a",1]}`).want(t, 429, api.CodeRate)
}

func TestIdempotency_publishesOnceAndAnswersTheSame(t *testing.T) {
	f := serve(t, nil)
	ann := f.hub.Connect(hub.Principal{Tenant: "contoso"})
	first := f.publish(`{"arguments":["a",1]}`, "Idempotency-Key", "k1")
	again := f.publish(`{"arguments":["a",1]}`, "Idempotency-Key", "k1")
	if first.Code != 202 || again.Code != 202 || first.Body.String() != again.Body.String() {
		t.Errorf("%d %s, then %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	// What was refused is refused again in the same words.
	for range 2 {
		f.publish(`{"arguments":[1]}`, "Idempotency-Key", "k2").want(t, 400, api.CodeArguments)
	}
	for name, a := range map[string]answer{
		"another body":  f.publish(`{"arguments":["a",2]}`, "Idempotency-Key", "k1"),
		"another event": f.ask("POST", "/api/v1/hubs/talk/events/sang", f.contoso, `{"arguments":["a",1]}`, "Idempotency-Key", "k1"),
		"another order": f.publish(`{"to":null,"arguments":["a",1]}`, "Idempotency-Key", "k1"),
	} {
		if a.Code != 422 || a.Error != string(api.CodeIdempotency) {
			t.Errorf("%s: %d %s", name, a.Code, a.Body)
		}
	}
	for _, bad := range []string{strings.Repeat("k", 256), "a b", "ä", "a\x7f"} {
		f.publish(`{"arguments":["a",1]}`, "Idempotency-Key", bad).want(t, 400, api.CodeIdempotency)
	}
	f.publish(`{"arguments":["a",1]}`, "Idempotency-Key", "k3", "Idempotency-Key", "k4").want(t, 400, api.CodeIdempotency)
	// Another tenant's key is another key.
	f.ask("POST", publishPath, f.fabrikam, `{"arguments":["f",9]}`, "Idempotency-Key", "k1").want(t, 202, "")
	if got := names(t, ann); got != "a" {
		t.Errorf("%q was heard", got)
	}
	// Ten minutes later nobody remembers.
	f.now.Add(10*60_000 - 1)
	f.publish(`{"arguments":["a",1]}`, "Idempotency-Key", "k1").want(t, 202, "")
	f.now.Add(1)
	f.publish(`{"arguments":["b",1]}`, "Idempotency-Key", "k1").want(t, 202, "")
	if got := names(t, ann); got != "b" {
		t.Errorf("after ten minutes %q was heard", got)
	}
}

func TestIdempotency_twiceAtOnce(t *testing.T) {
	f := serve(t, nil)
	ann := f.hub.Connect(hub.Principal{Tenant: "contoso"})
	const rounds, each = 20, 8
	for round := range rounds {
		var asked sync.WaitGroup
		begin := make(chan struct{})
		codes := make([]int, each)
		for i := range each {
			asked.Go(func() {
				<-begin
				codes[i] = f.publish(`{"arguments":["a",1]}`, "Idempotency-Key", fmt.Sprint("round", round)).Code
			})
		}
		close(begin)
		asked.Wait()
		for _, code := range codes {
			if code != 202 {
				t.Errorf("one of %d at once is answered with %d", each, code)
			}
		}
	}
	if got := len(hubtest.Heard(t, ann, saidEvent)); got != rounds {
		t.Errorf("%d keys were published %d times", rounds, got)
	}
	if got := f.handler.Stats().Published; got != rounds {
		t.Errorf("it counts %d", got)
	}
}

// One tenant cannot fill the memory with keys, nor what another may keep.
func TestIdempotency_isBounded(t *testing.T) {
	f := serve(t, func(o *api.Options) { o.Rate, o.Burst = 1_000_000, 1_000_000 })
	long := strings.Repeat("k", 240)
	i, full := 0, answer{}
	for ; i < 20_000 && full.Code != 429; i++ {
		full = f.publish(`{"arguments":["a",1]}`, "Idempotency-Key", fmt.Sprint(long, i))
	}
	if full.Error != string(api.CodeRate) || !strings.Contains(full.Words, "idempotency keys") || i < 1000 {
		t.Fatalf("after %d keys: %d %s", i, full.Code, full.Words)
	}
	f.publish(`{"arguments":["a",1]}`).want(t, 202, "")
	f.publish(`{"arguments":["a",1]}`, "Idempotency-Key", fmt.Sprint(long, 0)).want(t, 202, "")
	f.ask("POST", publishPath, f.fabrikam, `{"arguments":["f",9]}`, "Idempotency-Key", "k1").want(t, 202, "")
	f.now.Add(10 * 60_000)
	f.publish(`{"arguments":["a",1]}`, "Idempotency-Key", "new").want(t, 202, "")
}
