package classic

// pulled is a link that lives in the goroutine of its request: it hears that there
// may be news, and takes them when its client can.
type pulled struct {
	feed
	news chan struct{} // filled when there may be something to fetch
	over chan struct{} // closed when this is not the link any more
	last *ending       // of the connection; nil: another link has come. Read after over
}

func newPulled(f feed) pulled {
	return pulled{feed: f, news: make(chan struct{}, 1), over: make(chan struct{})}
}

func (l *pulled) wake() {
	select {
	case l.news <- struct{}{}:
	default:
	}
}

func (l *pulled) close(last *ending) {
	l.last = last
	close(l.over)
}

// take takes what there is to say.
func (l *pulled) take() (n news, ok bool) {
	l.connection.mu.Lock()
	defer l.connection.mu.Unlock()
	return l.next()
}

// isOver tells whether this is not the link any more.
func (l *pulled) isOver() bool {
	select {
	case <-l.over:
		return true
	default:
		return false
	}
}

// isReplaced tells whether another link has come.
func (l *pulled) isReplaced() bool { return l.isOver() && l.last == nil }
