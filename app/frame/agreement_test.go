package frame_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"partline.dev/app/frame"
	"partline.dev/internal/testkit"
)

// part is one part of the model.
type part struct {
	*frame.Agreement

	n       int // the same never twice
	refused bool
}

// letter is a message under way between two parts. Those of one pair keep their
// order, as postMessage does.
type letter struct {
	m        frame.Message
	from, to *part
}

// model is one page, with what the browser keeps beside it, and other tabs that
// write there too.
type model struct {
	rand  *rand.Rand
	parts []*part // those that are there
	made  int
	mail  []letter
	kept  string
	news  []*part // they do not know yet what is kept
	lossy bool
	again []*part // they have let something fall
}

func id(kind string, n int) string { return fmt.Sprintf("%s_%020d", kind, n)[:22] }

func (m *model) come() {
	m.made++
	p := &part{n: m.made, refused: m.rand.IntN(4) == 0}
	p.Agreement = frame.NewAgreement(&frame.Agreement{
		Say: func(text frame.Message, to any) {
			for _, other := range m.parts {
				if other != p && (to == nil || to == other) {
					m.mail = append(m.mail, letter{text, p, other})
				}
			}
		},
		Read: func() (string, bool) { return m.kept, !p.refused },
		Write: func(id string) {
			if p.refused {
				panic("written although it is refused")
			}
			m.keep(id, p)
		},
	})
	m.parts = append(m.parts, p)
	p.Begin(id("p", m.rand.IntN(1000)*1000+m.made), int64(1+m.rand.IntN(5)), id("s", m.made))
}

// keep writes what is kept, which all parts but by get to know later.
func (m *model) keep(id string, by *part) {
	m.kept = id
	for _, p := range m.parts {
		if p != by && !p.refused {
			m.news = append(m.news, p)
		}
	}
}

// leave takes a part away, and with it what was not delivered of it or to it.
func (m *model) leave() {
	gone := m.parts[m.rand.IntN(len(m.parts))]
	is := func(p *part) bool { return p == gone }
	m.parts = slices.DeleteFunc(m.parts, is)
	m.news = slices.DeleteFunc(m.news, is)
	m.again = slices.DeleteFunc(m.again, is)
	m.mail = slices.DeleteFunc(m.mail, func(l letter) bool { return l.to == gone || l.from == gone })
}

// deliver hands on one letter, of any pair.
func (m *model) deliver(t *testing.T) {
	first := m.rand.IntN(len(m.mail))
	for i, l := range m.mail[:first] {
		if l.from == m.mail[first].from && l.to == m.mail[first].to {
			first = i
			break
		}
	}
	l := m.mail[first]
	m.mail = slices.Delete(m.mail, first, first+1)
	if m.lossy && m.rand.IntN(3) == 0 {
		m.again = append(m.again, l.to)
		return
	}
	page, born, _ := l.to.IDs()
	l.to.Hear(l.m, l.from)
	if nowPage, nowBorn, _ := l.to.IDs(); nowBorn > born || nowBorn == born && nowPage > page {
		t.Fatalf("part %d went from %s of %d to the younger %s of %d", l.to.n, page, born, nowPage, nowBorn)
	}
}

// settle delivers what is under way, in any order.
func (m *model) settle(t *testing.T) {
	for range 100_000 {
		switch choice := m.rand.IntN(3); {
		case len(m.mail)+len(m.news)+len(m.again) == 0:
			return
		case choice == 0 && len(m.news) > 0:
			i := m.rand.IntN(len(m.news))
			p := m.news[i]
			m.news = slices.Delete(m.news, i, i+1)
			p.Stored()
		case choice == 1 && len(m.again) > 0:
			p := m.again[0]
			m.again = slices.DeleteFunc(m.again, func(o *part) bool { return o == p })
			p.Again()
		case len(m.mail) > 0:
			m.deliver(t)
		}
	}
	t.Fatal("they never end to talk")
}

func (m *model) check(t *testing.T) {
	t.Helper()
	for _, p := range m.parts {
		page, born, session := p.IDs()
		first, since, _ := m.parts[0].IDs()
		if page != first || born != since {
			t.Errorf("part %d is on page %s of %d, part %d on %s of %d", m.parts[0].n, first, since, p.n, page, born)
		}
		want := m.kept
		if p.refused {
			want = page
		}
		if session != want || session == "" {
			t.Errorf("part %d is of session %s, and %s is kept (refused: %v)", p.n, session, m.kept, p.refused)
		}
	}
}

// Parts come, go and come again in any order, and whatever is under way meanwhile:
// when it has arrived, all that are there have one page and one session.
func TestAgreement_ofAnyOrder(t *testing.T) {
	for _, seed := range testkit.Sample(t, 4000) {
		m := &model{rand: rand.New(rand.NewPCG(uint64(seed), 5)), lossy: seed%3 == 0}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			for range 2 + m.rand.IntN(40) {
				switch m.rand.IntN(6) {
				case 0, 1:
					if len(m.parts) < 12 {
						m.come()
					}
				case 2:
					if len(m.parts) > 0 {
						m.leave()
					}
				case 3:
					// Another tab, or the person, changes what is kept.
					m.keep([]string{"", "no id", id("t", m.rand.IntN(1000))}[m.rand.IntN(3)], nil)
				default:
					if len(m.mail) > 0 {
						m.deliver(t)
					}
				}
				if m.rand.IntN(10) == 0 {
					m.lossy = false
					m.settle(t)
					m.check(t)
				}
			}
			m.lossy = false
			m.settle(t)
			m.check(t)
		})
	}
}

// All at once is the most that parts say to each other; it stays far below what
// frame.js lets through in a second.
func TestAgreement_ofTenAtOnceIsQuick(t *testing.T) {
	for _, seed := range testkit.Sample(t, 1000) {
		m := &model{rand: rand.New(rand.NewPCG(uint64(seed), 6))}
		for range 10 {
			m.come()
		}
		heard, ofOne := map[*part]int{}, map[[2]*part]int{}
		for len(m.mail) > 0 {
			before := slices.Clone(m.mail)
			m.deliver(t)
			for i, l := range before {
				if i == len(before)-1 || m.mail[i] != l {
					heard[l.to]++
					ofOne[[2]*part{l.from, l.to}]++
					break
				}
			}
		}
		for _, n := range heard {
			if n > 100 {
				t.Fatalf("seed %d: a part hears %d messages", seed, n)
			}
		}
		for _, n := range ofOne {
			if n > 20 {
				t.Fatalf("seed %d: a part hears %d messages of another", seed, n)
			}
		}
	}
}
