package auth_test

import (
	"testing"
	"time"

	"partline.dev/server/grants"
)

func BenchmarkTicket(b *testing.B) {
	h := newHouse(b, in(b.TempDir()))
	b.Run("good", func(b *testing.B) {
		var tickets []string
		for b.Loop() {
			if len(tickets) == 0 {
				b.StopTimer()
				for range 1000 {
					text, err := grants.Mint(h.signer, grants.Ticket{Tenant: "fabrikam", User: "ann", For: time.Second}, time.Now())
					if err != nil {
						b.Fatal(err)
					}
					tickets = append(tickets, text)
				}
				b.StartTimer()
			}
			if _, err := h.redeem(tickets[len(tickets)-1], atChat); err != nil {
				b.Fatal(err)
			}
			tickets = tickets[:len(tickets)-1]
		}
	})
	b.Run("forged", func(b *testing.B) {
		ticket := h.mint(ann)
		ticket = ticket[:50] + swapped(ticket[50]) + ticket[51:]
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.redeem(ticket, atChat); err == nil {
				b.Fatal("it was taken")
			}
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	h := newHouse(b, from(standard()))
	session, _ := h.session(ann)
	for name, token := range map[string]string{"session": session, "RS256": annsToken(b)} {
		r := request(token, "")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := h.Authenticate(r, atChat); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
