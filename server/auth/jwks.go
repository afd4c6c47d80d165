package auth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"sync"
	"time"
)

const (
	// keysFresh is how long an issuer's keys are used before they are fetched
	// again: a key that the issuer has withdrawn is good that much longer.
	keysFresh = 15 * time.Minute

	// keysKept is how long they are used of an issuer that cannot be reached.
	keysKept = 24 * time.Hour

	// fetchPause is from one fetch at an issuer to the next, whatever is asked for.
	fetchPause = 10 * time.Second

	// fetchTime is how long a fetch may take.
	fetchTime = 5 * time.Second

	// MaxKeySet is how long the keys of an issuer may be, in bytes.
	MaxKeySet = 256 << 10
)

var errNoKey = errors.New("its issuer has no such key")

// jwks are the keys of all issuers, by the addresses that the configuration names.
// Nothing of a token says where keys are.
type jwks struct {
	log   *slog.Logger
	bring Fetch

	stop    context.Context // of fetches
	cancel  context.CancelFunc
	fetches sync.WaitGroup

	mu   sync.Mutex // Protects following.
	sets map[string]*keySet
}

// keySet are the keys at one address.
type keySet struct {
	keys    []publicKey
	fetched time.Time     // when keys came
	tried   time.Time     // when the last fetch began
	done    chan struct{} // closed when the fetch that runs has ended; nil: none runs
	told    string        // what the log was told of the last one
}

func newJWKS(log *slog.Logger, bring Fetch) *jwks {
	s := &jwks{log: log, bring: bring, sets: map[string]*keySet{}}
	s.stop, s.cancel = context.WithCancel(context.Background())
	return s
}

// find is the key at address with that id that fits alg. If it is not known, one
// fetch is begun and waited for, unless the last is not long ago; who asks for
// another key does not wait.
func (s *jwks) find(ctx context.Context, address, id, alg string) (crypto.PublicKey, error) {
	s.mu.Lock()
	set := s.sets[address]
	if set == nil {
		set = &keySet{}
		s.sets[address] = set
	}
	now := time.Now()
	key := set.find(now, id, alg)
	if (key == nil || now.Sub(set.fetched) >= keysFresh) && set.done == nil && now.Sub(set.tried) >= fetchPause {
		s.begin(set, address, now)
	}
	done := set.done
	s.mu.Unlock()
	switch {
	case key != nil:
		return key, nil
	case done == nil:
		return nil, errNoKey
	}
	select {
	case <-done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if key = set.find(time.Now(), id, alg); key == nil {
		return nil, errNoKey
	}
	return key, nil
}

// find is the one key of that id that fits alg. An issuer whose tokens name no key
// has one for each algorithm.
func (set *keySet) find(now time.Time, id, alg string) crypto.PublicKey {
	if now.Sub(set.fetched) >= keysKept {
		return nil
	}
	var found crypto.PublicKey
	for i := range set.keys {
		if k := &set.keys[i]; (id == "" || k.id == id) && k.fits(alg) {
			if found != nil {
				return nil
			}
			found = k.key
		}
	}
	return found
}

// begin fetches the keys of set. The mutex is held.
func (s *jwks) begin(set *keySet, address string, now time.Time) {
	if s.stop.Err() != nil {
		return
	}
	done := make(chan struct{})
	set.tried, set.done = now, done
	s.fetches.Go(func() {
		keys, err := s.fetch(address)
		s.mu.Lock()
		defer s.mu.Unlock()
		set.done = nil
		close(done)
		told := ""
		if err != nil {
			told = err.Error()
		} else {
			set.keys, set.fetched = keys, time.Now()
		}
		if told != set.told && s.stop.Err() == nil {
			if err != nil {
				s.log.Warn("the keys of an issuer cannot be had; those that are known are used for a day", "address", address, "error", err)
			} else {
				s.log.Info("the keys of an issuer can be had again", "address", address)
			}
			set.told = told
		}
	})
}

// fetch is what is at address now.
func (s *jwks) fetch(address string) ([]publicKey, error) {
	if s.bring == nil {
		return nil, errors.New("nothing here fetches keys")
	}
	if err := mayFetch(address); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(s.stop, fetchTime)
	defer cancel()
	content, err := s.bring(ctx, address)
	if err != nil {
		return nil, err
	}
	if len(content) > MaxKeySet {
		return nil, fmt.Errorf("the answer is longer than %d bytes", MaxKeySet)
	}
	return parseKeys(content)
}

// mayFetch reports why keys that came from address could be anybody's.
func mayFetch(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	ip, err := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return errors.New("its address is neither https nor of this machine")
	}
	return nil
}

// keep forgets the keys of addresses that are not among these.
func (s *jwks) keep(addresses map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for address := range s.sets {
		if !addresses[address] {
			delete(s.sets, address)
		}
	}
}

// close ends the fetches that run, and waits for them.
func (s *jwks) close() {
	s.mu.Lock()
	s.cancel() // with the mutex: none begins between this and the wait
	s.mu.Unlock()
	s.fetches.Wait()
}
