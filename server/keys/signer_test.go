package keys_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/fresh"
	"partline.dev/server/keys"
)

const urlCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

func TestSigner_givesBackWhatItSigned(t *testing.T) {
	path := fileAt(t)
	a, b := keys.NewSigner(open(t, path)), keys.NewSigner(open(t, path))
	for _, payload := range []string{"", "x", "0f8fad5b:ann", "\x00\xff\n", strings.Repeat("long ", 10_000)} {
		text := a.Sign("groups", []byte(payload))
		if strings.Trim(text, urlCharacters) != "" {
			t.Errorf("a URL would change %.60q", text)
		}
		for _, s := range []*keys.Signer{a, b} {
			if got, ok := s.Verify("groups", text); !ok || string(got) != payload {
				t.Errorf("%.60q came back as %.60q (%v)", payload, got, ok)
			}
		}
	}
}

func TestSigner_refusesForgedAndForeign(t *testing.T) {
	s := keys.NewSigner(keys.Random())
	text := s.Sign("connection", []byte("ann"))
	refused := func(by *keys.Signer, use, text, what string) {
		t.Helper()
		if payload, ok := by.Verify(use, text); ok || payload != nil {
			t.Errorf("%s: it was taken", what)
		}
	}
	refused(s, "groups", text, "for another use")
	refused(s, "", text, "for no use")
	refused(s, "connectiona", s.Sign("connection", []byte("ann")), "a use that goes on as the payload does")
	refused(keys.NewSigner(keys.Random()), "connection", text, "of another key")
	refused(s, "connection", "", "empty")
	refused(s, "connection", text[1:], "cut in front")
	refused(s, "connection", text[:len(text)-1], "cut at the end")
	refused(s, "connection", text+"A", "too long")
	refused(s, "connection", text[:4]+"\n"+text[4:], "with a line break")
	refused(s, "connection", text[:4]+"+"+text[5:], "of another alphabet")
	for i := range text {
		other := "A"
		if text[i] == 'A' {
			other = "B"
		}
		refused(s, "connection", text[:i]+other+text[i+1:], "changed")
	}
	if _, ok := s.Verify("connection", text); !ok {
		t.Error("what was signed is refused")
	}
}

func TestSigner_isNoMakerOfTokens(t *testing.T) {
	// With the same keys, neither signs for the other.
	ring := keys.Random()
	tokens, signer := keys.NewTokens(ring), keys.NewSigner(ring)
	token := tokens.Sign([16]byte{1}, "")
	if _, ok := signer.Verify("", token); ok {
		t.Error("a token was taken for a signed text")
	}
	wantForged(t, tokens, signer.Sign("", make([]byte, 24)), "", "a signed text")
}

func TestSigner_overRotations(t *testing.T) {
	path := fileAt(t)
	synctest.Test(t, func(t *testing.T) {
		s := keys.NewSigner(open(t, path))
		rotate := func() {
			t.Helper()
			if err := keys.Rotate(path); err != nil {
				t.Fatal(err)
			}
			time.Sleep(fresh.Period)
		}
		payload := []byte("ann")
		text := s.Sign("connection", payload)
		rotate()
		if got, ok := s.Verify("connection", text); !ok || !bytes.Equal(got, payload) {
			t.Error("after one rotation it is refused")
		}
		if s.Sign("connection", payload) == text {
			t.Error("after a rotation the text is what it was")
		}
		rotate()
		if _, ok := s.Verify("connection", text); ok {
			t.Error("what the key before the previous one has signed is taken")
		}
	})
}

func FuzzSigner(f *testing.F) {
	s := keys.NewSigner(keys.Random())
	good := s.Sign("groups", []byte("chat.room"))
	f.Add(good)
	f.Add("")
	f.Add(strings.Repeat("A", 22))
	f.Add(strings.Repeat("A", 23) + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, ok := s.Verify("groups", text); ok && text != good {
			t.Errorf("%q was taken", text)
		}
		again := s.Sign("groups", []byte(text))
		if payload, ok := s.Verify("groups", again); !ok || string(payload) != text {
			t.Errorf("%q came back as %q", text, payload)
		}
	})
}
