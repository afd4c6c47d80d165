package keys_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/fresh"
	"partline.dev/server/keys"
)

func secret() (s [16]byte) {
	_, _ = rand.Read(s[:])
	return s
}

// wantToken verifies a token that of has signed for want.
func wantToken(t *testing.T, by, of *keys.Tokens, token, bound string, want [16]byte) {
	t.Helper()
	got, node, ok := by.Verify(token, bound)
	if !ok || got != want || node != of.Node() {
		t.Errorf("%s is %x of node %x (%v), not %x of node %x", token, got, node, ok, want, of.Node())
	}
}

func wantForged(t *testing.T, by *keys.Tokens, token, bound, what string) {
	t.Helper()
	if _, _, ok := by.Verify(token, bound); ok {
		t.Errorf("%s: it was taken", what)
	}
}

func TestVerify_byAnyNodeWithTheKey(t *testing.T) {
	path := fileAt(t)
	a, b := keys.NewTokens(open(t, path)), keys.NewTokens(open(t, path))
	if a.Node() == b.Node() {
		t.Error("two nodes have the same number")
	}
	s := secret()
	token := a.Sign(s, "chat\x00ann")
	wantToken(t, a, a, token, "chat\x00ann", s)
	wantToken(t, b, a, token, "chat\x00ann", s)
	if len(token) != keys.TokenLength || strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		t.Errorf("the token %q is %d long, or a URL would change it", token, len(token))
	}
}

func TestVerify_refusesForgedAndForeign(t *testing.T) {
	tokens := keys.NewTokens(keys.Random())
	s := secret()
	token := tokens.Sign(s, "chat\x00ann")

	wantForged(t, tokens, token, "quiz\x00ann", "of another hub")
	wantForged(t, tokens, token, "chat\x00bob", "of another user")
	wantForged(t, tokens, token, "chatann", "of nobody")
	wantForged(t, keys.NewTokens(keys.Random()), token, "chat\x00ann", "of another key")
	wantForged(t, tokens, "", "chat\x00ann", "empty")
	wantForged(t, tokens, token[1:], "chat\x00ann", "cut in front")
	wantForged(t, tokens, token[:len(token)-1], "chat\x00ann", "cut at the end")
	wantForged(t, tokens, token+"A", "chat\x00ann", "too long")
	wantForged(t, tokens, token[:20]+"\n"+token[21:], "chat\x00ann", "with a line break")
	wantForged(t, tokens, token[:20]+"+"+token[21:], "chat\x00ann", "of another alphabet")
	for i := range token {
		other := byte('A')
		if token[i] == 'A' {
			other = 'B'
		}
		wantForged(t, tokens, token[:i]+string(other)+token[i+1:], "chat\x00ann", "changed")
	}
	wantToken(t, tokens, tokens, token, "chat\x00ann", s)
}

func TestVerify_overRotations(t *testing.T) {
	path := fileAt(t)
	synctest.Test(t, func(t *testing.T) {
		a, b := keys.NewTokens(open(t, path)), keys.NewTokens(open(t, path))
		rotate := func() {
			t.Helper()
			if err := keys.Rotate(path); err != nil {
				t.Fatal(err)
			}
		}
		s := secret()
		first := a.Sign(s, "")

		rotate()
		wantToken(t, a, a, first, "", s) // it has not noticed
		time.Sleep(fresh.Period)
		wantToken(t, a, a, first, "", s) // it has, and the key is the previous one
		second := a.Sign(s, "")
		if second == first {
			t.Error("after a rotation the token is what it was")
		}
		wantToken(t, b, a, second, "", s)

		rotate()
		time.Sleep(time.Second) // a looks, as somebody else may have rotated
		third := keys.NewTokens(open(t, path)).Sign(s, "")
		if _, _, ok := a.Verify(third, ""); !ok {
			t.Error("what a node signed that knew of the rotation earlier is refused")
		}
		wantToken(t, a, a, second, "", s)
		wantForged(t, a, first, "", "of the key before the previous one")
	})
}

func TestVerify_goesOnWithWhatItHasWhenTheFileIsGone(t *testing.T) {
	path := fileAt(t)
	synctest.Test(t, func(t *testing.T) {
		tokens := keys.NewTokens(open(t, path))
		s := secret()
		token := tokens.Sign(s, "")
		if err := os.RemoveAll(filepath.Dir(path)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * fresh.Period)
		wantToken(t, tokens, tokens, token, "", s)
	})
}

func TestRandom_isItsOwn(t *testing.T) {
	a, b := keys.Random(), keys.Random()
	if _, _, ok := keys.NewTokens(b).Verify(keys.NewTokens(a).Sign(secret(), ""), ""); ok {
		t.Error("two random rings are the same")
	}
}

func FuzzVerify(f *testing.F) {
	tokens := keys.NewTokens(keys.Random())
	good := tokens.Sign([16]byte{1}, "chat\x00ann")
	f.Add(good)
	f.Add(strings.Repeat("A", keys.TokenLength))
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, token string) {
		if _, _, ok := tokens.Verify(token, "chat\x00ann"); ok && token != good {
			t.Errorf("%q was taken", token)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	tokens := keys.NewTokens(keys.Random())
	token := tokens.Sign(secret(), "chat\x00ann")
	for b.Loop() {
		if _, _, ok := tokens.Verify(token, "chat\x00ann"); !ok {
			b.Fatal("it was refused")
		}
	}
}
