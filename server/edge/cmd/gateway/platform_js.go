//go:build js && wasm

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall/js"

	"github.com/syumai/workers/cloudflare"

	"partline.dev/server/auth"
	"partline.dev/server/edge/gateway"
)

// platform is gateway.Platform over the bindings of the Worker.
type platform struct{}

// The bindings.
const (
	assets = "ASSETS"         // the files that were rendered before
	rooms  = "ROOMS"          // the Durable Objects
	rate   = "NEGOTIATE_RATE" // how often an address may negotiate; there need be none
)

// File is gateway.Platform's. The host of the address means nothing.
func (platform) File(ctx context.Context, name string) ([]byte, error) {
	response, err := call(ctx, cloudflare.GetBinding(assets), "fetch", "https://assets.invalid/"+name)
	if err != nil {
		return nil, err
	}
	if status := response.Get("status").Int(); status != http.StatusOK {
		return nil, fmt.Errorf("%s: the answer is %d", name, status)
	}
	return body(ctx, response)
}

// Post is gateway.Platform's. The host of the address means nothing.
func (platform) Post(ctx context.Context, object, path string, question []byte) (status int, answer []byte, err error) {
	namespace := cloudflare.GetBinding(rooms)
	if namespace.IsUndefined() {
		return 0, nil, fmt.Errorf("there is no binding %s", rooms)
	}
	id, err := try(func() js.Value { return namespace.Call("idFromName", object) })
	if err != nil {
		return 0, nil, err
	}
	stub, err := try(func() js.Value { return namespace.Call("get", id) })
	if err != nil {
		return 0, nil, err
	}
	response, err := call(ctx, stub, "fetch", "https://room"+path, map[string]any{"method": http.MethodPost, "body": string(question)})
	if err != nil {
		return 0, nil, err
	}
	answer, err = body(ctx, response)
	return response.Get("status").Int(), answer, err
}

// Allow is gateway.Platform's.
func (platform) Allow(ctx context.Context, address string) (bool, error) {
	limit := cloudflare.GetBinding(rate)
	if limit.IsUndefined() {
		return true, nil
	}
	outcome, err := call(ctx, limit, "limit", map[string]any{"key": address})
	if err != nil {
		return false, err
	}
	return outcome.Get("success").Truthy(), nil
}

// maxForward is the longest body of a request that is forwarded, in bytes.
const maxForward = 1 << 20

// Forward is gateway.Platform's. What the server says in its body does not pass
// through Go.
func (platform) Forward(w http.ResponseWriter, r *http.Request) error {
	sent, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForward))
	if err != nil {
		return err
	}
	headers := js.Global().Get("Headers").New()
	for name, values := range r.Header {
		headers.Call("set", name, strings.Join(values, ","))
	}
	init := map[string]any{"method": r.Method, "headers": headers, "redirect": "manual"}
	if len(sent) > 0 {
		content := js.Global().Get("Uint8Array").New(len(sent))
		js.CopyBytesToJS(content, sent)
		init["body"] = content
	}
	response, err := fetch(r.Context(), r.URL.String(), init)
	if err != nil {
		return err
	}
	raw, ok := w.(rawWriter)
	if !ok {
		return errors.New("the answer cannot be passed on")
	}
	set := js.FuncOf(func(_ js.Value, args []js.Value) any {
		w.Header().Add(args[1].String(), args[0].String()) // forEach names the value first
		return nil
	})
	defer set.Release()
	response.Get("headers").Call("forEach", set)
	w.WriteHeader(response.Get("status").Int())
	raw.WriteRawJSBody(response.Get("body"))
	return nil
}

// keysFor is how long the platform keeps what an issuer has said of its keys, in
// seconds: this program begins anew with each request.
const keysFor = 300

// fetchKeys is auth.Fetch.
func fetchKeys(ctx context.Context, address string) ([]byte, error) {
	response, err := fetch(ctx, address, map[string]any{
		"headers":  map[string]any{"Accept": auth.KeySetTypes},
		"redirect": "manual",
		"cf":       map[string]any{"cacheTtl": keysFor, "cacheEverything": true},
	})
	if err != nil {
		return nil, err
	}
	if status := response.Get("status").Int(); status != http.StatusOK {
		return nil, fmt.Errorf("the answer is %d", status)
	}
	return body(ctx, response)
}

var _ gateway.Platform = platform{}
