package transport

import (
	"partline.dev/server/hub"
)

// mailbox is the backlog of a client that fetches: it holds what there is until a
// request comes for it, and starts nothing itself.
type mailbox struct {
	backlog
	filled chan struct{} // closed when there is something to fetch; nil: nobody waits. The mutex protects it
}

// init makes m the mailbox of a connection on host.
func (m *mailbox) init(host *Host, f framing) {
	m.host, m.framing = host, f
	m.wake = m.deliver
}

// deliver tells whoever waits. The mutex is held.
func (m *mailbox) deliver() {
	if m.filled != nil && m.hasMail() {
		close(m.filled)
		m.filled = nil
	}
}

func (m *mailbox) hasMail() bool {
	return m.sealed || m.queue.head != nil && !m.held
}

// Close is hub.Sink's: the client may fetch what is queued, and then hears that
// this was all.
func (m *mailbox) Close(reason hub.CloseReason) { m.seal(reason, nil) }

// seal lets nothing more into the mailbox. Seals after the first do nothing.
func (m *mailbox) seal(reason hub.CloseReason, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.shut(reason, err) {
		m.wake()
	}
}

// mail returns a channel that is closed when there is something to fetch, or
// nothing ever will be; nil: that is so now.
func (m *mailbox) mail() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hasMail() {
		return nil
	}
	if m.filled == nil {
		m.filled = make(chan struct{})
	}
	return m.filled
}

// fetch takes all that may be taken, and tells whether it was the last.
func (m *mailbox) fetch() (batch queue, last bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.held {
		batch = m.queue.take()
	}
	return batch, m.sealed
}

// fetched makes room for as much as was written.
func (m *mailbox) fetched(cost int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wrote(cost)
}

// empty forgets what nobody will fetch.
func (m *mailbox) empty() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue.drop()
}
