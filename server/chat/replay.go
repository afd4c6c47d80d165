package chat

import (
	"iter"

	"partline.dev/server/history"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/chat"
)

// pageRecords is how many records are read at once: with texts as long as may be, some
// 1 MB, which waits until the client has read it.
const pageRecords = 64

// replay gives what is kept of the caller's room up to now.
func (k *keeper) replay(x *hub.Context, since chat.Since) iter.Seq2[chat.Item, error] {
	if since.Offset < 0 || since.Epoch == "" && since.Offset > 0 {
		return hub.FailStream[chat.Item](errSince)
	}
	r := k.roomOf(x)
	return func(yield func(chat.Item, error) bool) {
		if !r.kept() {
			return
		}
		p := replaying{log: k.log, x: x, key: r.key, after: history.Position(since), yield: yield}
		if err := p.first(); err != nil {
			yield(chat.Item{}, err)
			return
		}
		for p.more {
			if k.roomOf(x).key != r.key {
				yield(chat.Item{}, errElsewhere)
				return
			}
			if err := p.next(); err != nil {
				yield(chat.Item{}, err)
				return
			}
		}
	}
}

// replaying is one replay: up to what was the newest record when it began, as the
// caller hears what came later.
type replaying struct {
	log   history.Log
	x     *hub.Context
	key   string
	after history.Position // what has been given
	until int64            // the newest record
	more  bool             // there is something between them, and the client wants it
	yield func(chat.Item, error) bool
}

// first reads the first page, and tells how far the replay goes.
func (p *replaying) first() error {
	page, err := p.log.Read(p.x, p.key, p.after, pageRecords)
	if err != nil {
		return err
	}
	p.more, p.until = true, page.Last
	if page.Epoch != p.after.Epoch {
		if p.after.Epoch != "" {
			p.gap(chat.Gap{Epoch: p.after.Epoch, From: p.after.Offset + 1})
		}
		p.after = history.Position{Epoch: page.Epoch}
	}
	p.give(page)
	return nil
}

// next reads one page more.
func (p *replaying) next() error {
	page, err := p.log.Read(p.x, p.key, p.after, pageRecords)
	if err != nil {
		return err
	}
	if page.Epoch != p.after.Epoch { // all of the new epoch came after the beginning
		p.gap(chat.Gap{Epoch: p.after.Epoch, From: p.after.Offset + 1, To: p.until})
		p.more = false
		return nil
	}
	p.give(page)
	return nil
}

// give gives what is in a page of the epoch that the replay is in.
func (p *replaying) give(page history.Page) {
	if page.Gap != nil {
		p.lost(page.Gap.From, min(page.Gap.To, p.until))
	}
	for _, kept := range page.Records {
		if !p.more || kept.Offset > p.until {
			break
		}
		author, text, err := readRecord(kept.Data)
		if err != nil {
			p.lost(kept.Offset, kept.Offset)
			continue
		}
		m := &chat.Message{Epoch: page.Epoch, Offset: kept.Offset, At: kept.At, Author: author, Text: text}
		p.more = p.yield(chat.Item{Message: m}, nil)
		p.after.Offset = kept.Offset
	}
	p.more = p.more && p.after.Offset < p.until && len(page.Records) > 0
}

// lost says that these records of the epoch cannot be had.
func (p *replaying) lost(from, to int64) {
	if from <= to {
		p.gap(chat.Gap{Epoch: p.after.Epoch, From: from, To: to})
		p.after.Offset = to
	}
}

func (p *replaying) gap(g chat.Gap) {
	p.more = p.more && p.yield(chat.Item{Gap: &g}, nil)
}

// What is said of a replay that cannot be.
var (
	errSince     = &access.Refusal{Code: chat.CodeSince, Message: "An offset is of an epoch, and not below 0: say both, or neither."}
	errElsewhere = &access.Refusal{Code: access.CodeScope, Message: "You are somewhere else now than where these messages were."}
)
