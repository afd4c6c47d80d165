package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"

	"partline.dev/server/hub"
	"partline.dev/shared/connected"
)

// passwords are those of the users. A real server has better ways to know them.
var passwords = map[string]string{"ann": "apple", "bob": "banana"}

// principalKey is where a request's context says who makes it.
type principalKey struct{}

// logIn lets users through, and nobody else, and notes in the request who it is.
func logIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		want, known := passwords[name]
		if !known || subtle.ConstantTimeCompare([]byte(password), []byte(want)) == 0 {
			w.Header().Set("WWW-Authenticate", `Basic realm="ownserver"`)
			http.Error(w, "Please log in.", http.StatusUnauthorized)
			return
		}
		p := hub.Principal{ID: name, Name: name}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), principalKey{}, p)))
	})
}

// principal tells the hub whom logIn has let through.
func principal(r *http.Request) (hub.Principal, error) {
	p, ok := r.Context().Value(principalKey{}).(hub.Principal)
	if !ok {
		return hub.Principal{}, errors.New("the request has not come through logIn")
	}
	return p, nil
}

// signed is a filter: users speak under their own names, whatever they say.
func signed(x *hub.Context, next func() (any, error)) (any, error) {
	if said, ok := x.Request().(*connected.Send); ok {
		said.Name = x.Principal().Name
	}
	return next()
}

// home is a page of the server's own.
func home(w http.ResponseWriter, r *http.Request) {
	user, _, _ := r.BasicAuth()
	fmt.Fprintf(w, "Hello %s, the hub is at /realtime.\n", user)
}
