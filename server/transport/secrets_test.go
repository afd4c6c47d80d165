package transport_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// Whatever is done with a token, and however much is logged, it is not in the log.
func TestSecrets_neverReachTheLog(t *testing.T) {
	const bearer, refused = "the-bearer-token", "the-refused-token"
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s := serveInMemory(t, &transport.Options{
			Log: logger,
			Authority: front.AuthorityFunc(func(r *http.Request) (hub.Principal, error) {
				if front.BearerToken(r) != bearer {
					return hub.Principal{}, errors.New("not the right token")
				}
				return hub.Principal{ID: "ann"}, nil
			}),
		}, func(o *hub.Options) { o.Log = logger })
		secrets := []string{bearer, refused}
		authorization := "Authorization: Bearer " + bearer
		q := s.requester("/talk")
		for _, use := range uses {
			token := q.negotiate(authorization)
			gone := q.negotiate(authorization)
			q.do(t.Context(), "GET", "?id="+gone, "", authorization)
			q.do(t.Context(), "DELETE", "?id="+gone, "", authorization)
			secrets = append(secrets, token, gone)
			for _, id := range []string{token, gone, token[1:]} {
				for _, with := range []string{bearer, refused} {
					query := "?id=" + id + "&access_token=" + with
					for _, headers := range [][]string{use.headers, append([]string{"Authorization: Bearer " + with}, use.headers...)} {
						res, err := q.start(t.Context(), use.method, query, strings.NewReader("no handshake\x1e"), headers...)
						if err != nil {
							t.Fatal(err)
						}
						_ = res.Body.Close() // also of one that goes on
					}
				}
			}
		}
		synctest.Wait()
		if !strings.Contains(log.String(), "refused a request for its credentials") || !strings.Contains(log.String(), "a link ended") {
			t.Errorf("the log says only\n%s", log.String())
		}
		for _, secret := range secrets {
			if strings.Contains(log.String(), secret) {
				t.Errorf("%q is in the log:\n%s", secret, log.String())
			}
		}
	})
}
