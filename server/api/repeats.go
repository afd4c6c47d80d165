package api

import (
	"container/list"
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
)

const (
	// keepAnswers is how long an answer is kept for who repeats a request, in ms.
	keepAnswers = 10 * 60_000

	// answersLimit is how many bytes the answers of one tenant may take.
	answersLimit = 4 << 20

	// answerCost is what an answer takes beside its key and its body, in bytes.
	answerCost = 512

	// maxIdempotencyKey is the longest idempotency key, in bytes.
	maxIdempotencyKey = 255
)

// repeats knows what requests with an idempotency key were answered.
type repeats struct {
	now   func() int64 // ms
	limit int          // bytes, of each tenant

	mu    sync.Mutex // Protects following.
	asked map[repeatKey]*asked
	ages  list.List      // of *asked, the oldest first
	bytes map[string]int // by tenant
}

// repeatKey is an idempotency key of a tenant.
type repeatKey struct{ tenant, key string }

// asked is one request with a key, and what it was answered.
type asked struct {
	key     repeatKey
	request [sha256.Size]byte // its address and body
	begun   int64             // ms
	place   *list.Element
	cost    int

	done   chan struct{} // closed once answer is set
	answer answer
}

func newRepeats(now func() int64, limit int) *repeats {
	return &repeats{now: now, limit: limit, asked: map[repeatKey]*asked{}, bytes: map[string]int{}}
}

// once answers with do, or with what do answered to the first request of that key.
func (t *repeats) once(ctx context.Context, key repeatKey, request [sha256.Size]byte, do func() answer) answer {
	for {
		a, first, refused := t.begin(key, request)
		switch {
		case refused != nil:
			return refused.answer()
		case first:
			return t.run(a, do)
		}
		select {
		case <-a.done:
		case <-ctx.Done():
			return (&refusal{http.StatusServiceUnavailable, CodeInternal, "The request that this one repeats is not answered yet."}).answer()
		}
		if a.answer.status != 0 {
			return a.answer
		}
	}
}

// begin is the request of that key: this one, or the first.
func (t *repeats) begin(key repeatKey, request [sha256.Size]byte) (a *asked, first bool, refused *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.purge(now)
	if a := t.asked[key]; a != nil {
		if a.request != request {
			return nil, false, &refusal{http.StatusUnprocessableEntity, CodeIdempotency, "This Idempotency-Key was used with another request in the last ten minutes. A new request needs a new key."}
		}
		return a, false, nil
	}
	cost := answerCost + len(key.key)
	if t.bytes[key.tenant]+cost > t.limit {
		return nil, false, &refusal{http.StatusTooManyRequests, CodeRate, "There are too many idempotency keys of the last ten minutes. Wait, or publish without one."}
	}
	a = &asked{key: key, request: request, begun: now, cost: cost, done: make(chan struct{})}
	a.place = t.ages.PushBack(a)
	t.asked[key] = a
	t.bytes[key.tenant] += cost
	return a, true, nil
}

// run answers the first request of a key. If it panics, or its answer is not one to
// keep, who waits for it tries for itself.
func (t *repeats) run(a *asked, do func() answer) (is answer) {
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if is.status == 0 || is.status == http.StatusTooManyRequests || is.status >= http.StatusInternalServerError {
			t.forget(a)
		} else {
			a.answer = is
			if t.asked[a.key] == a {
				a.cost += len(is.body)
				t.bytes[a.key.tenant] += len(is.body)
			}
		}
		close(a.done)
	}()
	return do()
}

// purge forgets what is too old. The mutex is held.
func (t *repeats) purge(now int64) {
	for e := t.ages.Front(); e != nil; e = t.ages.Front() {
		a, _ := e.Value.(*asked)
		if now-a.begun < keepAnswers {
			return
		}
		t.forget(a)
	}
}

// forget drops a, once. The mutex is held.
func (t *repeats) forget(a *asked) {
	if t.asked[a.key] != a {
		return
	}
	delete(t.asked, a.key)
	t.ages.Remove(a.place)
	if t.bytes[a.key.tenant] -= a.cost; t.bytes[a.key.tenant] == 0 {
		delete(t.bytes, a.key.tenant)
	}
}

// idempotencyKey is the key that r names; empty: none.
func idempotencyKey(r *http.Request) (string, *refusal) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	plain := len(values) == 1 && key != "" && len(key) <= maxIdempotencyKey
	for _, c := range []byte(key) {
		plain = plain && 0x20 < c && c < 0x7f
	}
	if !plain {
		return "", bad(CodeIdempotency, "An Idempotency-Key is one of 1 to %d visible ASCII characters.", maxIdempotencyKey)
	}
	return key, nil
}
