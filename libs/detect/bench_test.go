package detect

import "testing"

var benchTexts = []struct{ name, text string }{
	{"note", "Customer asked why the delivery of the parcel was late and whether the driver could leave it with a neighbour next week."},
	{"note-numbers", "Order ORD-2024-0012345 placed 2026-03-09T13:04:11.482Z, agent took 251000 ms, see 550e8400-e29b-41d4-a716-446655440000."},
	{"note-phone", "Customer asked why the parcel was late, please ring back at (415) 555-0142 tomorrow before noon, reference is in the case."},
	{"note-intl", "Customer asked why the parcel was late, please ring back at +44 20 7946 0958 tomorrow before noon, ask for the manager ok."},
	{"note-card", "Customer read out card 4111 1111 1111 1111 12/27 before the agent could pause the recording, asked to have it removed now."},
	{"note-email", "Customer wants the invoice sent to john.smith@example.com and not to the address on the account, please update the record."},
	{"note-unicode", "Kundin möchte die Rechnung an die neue Anschrift – bitte ändern; Rückruf später gewünscht, Größe des Pakets unklar, danke."},
	{"harmless-order", "Complains about the waiting time in the queue. Order ORD-2026-0012345 shipped. Could not log in after the password reset."},
	{"harmless-epoch", "Complains about the waiting time in the queue. Ticket opened at 1772973851482. Could not log in after the password reset."},
	{"harmless-uuid", "Complains about the waiting time. See interaction 550e8400-e29b-41d4-a716-446655440000. Issue resolved on the call today."},
	{"harmless-ms", "Complains about the waiting time in the queue. Handled in 251000 ms, hold 33 s. Could not log in after the password reset."},
	{"harmless-version", "Complains about the waiting time in the queue. Firmware 12.4.123, portal v2.12. Could not log in after the reset."},
	{"phone-plain", "Complains about the waiting time in the queue. Call back on +14155550142 after five. Escalated to the second line again."},
	{"phone-bracket", "Complains about the waiting time in the queue. Call back on (415) 555-0142 after five. Escalated to the second line again."},
	{"phone-dash", "Complains about the waiting time in the queue. Call back on 415-555-0142 after five. Escalated to the second line again."},
	{"token", "User_a2b3c4d5e6f7a2b3c4d5e6f7a2"},
	{"uuid", "550e8400-e29b-41d4-a716-446655440000"},
	{"epoch", "1772973851482"},
	{"phone", "+14155550142"},
}

func BenchmarkFind(b *testing.B) {
	s := setOf(b, "US", numbers...)
	for _, bc := range benchTexts {
		text := []byte(bc.text)
		b.Run(bc.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var dst [8]Span
			for b.Loop() {
				s.Find(dst[:0], text)
			}
		})
		b.Run(bc.name+"/contains", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s.Contains(text)
			}
		})
	}
}

func BenchmarkFindAll(b *testing.B) {
	s := setOf(b, "US")
	for _, bc := range benchTexts {
		text := []byte(bc.text)
		b.Run(bc.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var dst [8]Span
			for b.Loop() {
				s.Find(dst[:0], text)
			}
		})
	}
}

func BenchmarkCount(b *testing.B) {
	text := []byte(benchTexts[0].text)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Count(text)
	}
}

func BenchmarkReplace(b *testing.B) {
	s := setOf(b, "US", numbers...)
	text := []byte("Customer asked why the parcel was late, please ring back at (415) 555-0142 or write to jo@example.com before noon, thanks.")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	dst := make([]byte, 0, 256)
	for b.Loop() {
		dst = s.Replace(dst[:0], text, func(c Class) string { return string(c) })
	}
}
