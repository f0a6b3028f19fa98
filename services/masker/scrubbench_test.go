package masker

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

// caller is a row's own values, beside a note about them.
type caller struct{ first, last, phone, email string }

// noteKind makes notes as agents write them, of about 120 bytes.
type noteKind struct {
	name string
	note func(r *rand.Rand, c caller) string
}

var noteKinds = []noteKind{
	{"nothing", func(r *rand.Rand, _ caller) string { return notePart(r) + " " + notePart(r) + " " + notePart(r) }},
	{"harmless", func(r *rand.Rand, _ caller) string { return notePart(r) + " " + noteNumber(r) + " " + notePart(r) }},
	{"phone", func(r *rand.Rand, c caller) string {
		return notePart(r) + " Call back on " + notePhone(r, c.phone) + " after five. " + notePart(r)
	}},
	{"name", func(r *rand.Rand, c caller) string {
		return notePart(r) + " Spoke with " + c.first + " at length. " + notePart(r)
	}},
	{"both", func(r *rand.Rand, c caller) string {
		return fmt.Sprintf("%s %s left the number %s for %s. %s", notePart(r), strings.ToUpper(c.first), notePhone(r, c.phone), c.last, notePart(r))
	}},
	{"email", func(r *rand.Rand, c caller) string {
		return notePart(r) + " Send the form to " + c.email + " please. " + notePart(r)
	}},
}

func noteRich(r *rand.Rand, c caller) string {
	n := noteMixed(r, c)
	for len(n) < 300 {
		n += " " + notePart(r)
	}
	return n
}

// noteMixed: one in six is empty, one in three holds something.
func noteMixed(r *rand.Rand, c caller) string {
	if r.IntN(6) == 0 {
		return ""
	}
	switch n := r.IntN(10); {
	case n < 4:
		return noteKinds[2+r.IntN(4)].note(r, c)
	case n < 7:
		return noteKinds[1].note(r, c)
	default:
		return noteKinds[0].note(r, c)
	}
}

func noteNumber(r *rand.Rand) string {
	switch r.IntN(5) {
	case 0:
		return fmt.Sprintf("Order ORD-2026-%07d shipped.", r.IntN(10_000_000))
	case 1:
		return fmt.Sprintf("Ticket opened at %d.", 1_760_000_000_000+r.Int64N(1e9))
	case 2:
		return fmt.Sprintf("See interaction %08x-%04x-4%03x-8%03x-%012x.", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48))
	case 3:
		return fmt.Sprintf("Handled in %d ms, hold %d s.", r.IntN(600_000), r.IntN(600))
	default:
		return fmt.Sprintf("Firmware 12.4.%d, portal v2.%d.", r.IntN(900), r.IntN(30))
	}
}

// notePhone writes +1415555xxxx in one of the common ways.
func notePhone(r *rand.Rand, phone string) string {
	area, rest := phone[2:5], phone[5:]
	switch r.IntN(4) {
	case 0:
		return "(" + area + ") " + rest[:3] + "-" + rest[3:]
	case 1:
		return area + "-" + rest[:3] + "-" + rest[3:]
	default:
		return phone
	}
}

var noteParts = []string{
	"Customer asked about the invoice of last month.", "Caller reports that the router drops the connection.", "Wants to change the delivery address.",
	"Requested a copy of the contract.", "Asks for the status of a claim.", "Complains about the waiting time in the queue.",
	"Needs help with the self-service portal.", "Wants to cancel the premium option.", "Payment was declined twice.",
	"Asked to move the appointment to next week.", "Reported a damaged parcel.", "Could not log in after the password reset.",
	"Issue resolved on the call.", "Follow-up agreed for tomorrow morning.", "Escalated to the second line.", "Transferred to billing.",
	"Sent the usual instructions.", "No further action needed.", "Customer was satisfied with the answer.", "Will check again after the next release.",
}

func notePart(r *rand.Rand) string { return noteParts[r.IntN(len(noteParts))] }

var (
	noteFirst = strings.Fields("Adaeze Alice Amir Ana Anthony Aoife Arjun Astrid Beatriz Benjamin Camille Carlos Daniel Diego Elena Fatima Gabriel Hana Ibrahim Jane Joao Keiko Lars Layla Maria Mateo Nadia Omar Priya Rosa Samir Tomas Wei Yusuf Zoe")
	noteLast  = strings.Fields("Abara Adeyemi Almeida Andersson Becker Castillo Chen Costa Dahl Delgado Dubois Fernandes Fischer Garcia Gupta Haddad Hansen Ibanez Ivanova Kapoor Kowalski Larsen Lopez Mendoza Moreau Nguyen Novak Okafor Ortega Petrov Ramirez Rossi Santos Schneider Silva Tanaka Torres Weber Zhang")
)

const benchScrubPolicy = `
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - {path: first, token: {domain: person.name}}
  - {path: last, token: {domain: person.name}}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: email, token: {domain: email, format: email}}
  - {path: notes, scrub: {detect: [phone, email, card, ssn], context: [first, last, phone, email]}}
`

// BenchmarkNotes scrubs notes of one kind each beside four values of their row; the figure of interest is ns/note.
func BenchmarkNotes(b *testing.B) {
	p := testPlan(b, benchScrubPolicy)
	const rows = columnar.DefaultBatchRows
	for _, kind := range append(slices.Clone(noteKinds), noteKind{"mixed", noteMixed}, noteKind{"rich", noteRich}) {
		b.Run(kind.name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			builders := make([]*array.StringBuilder, 6)
			for i := range builders {
				builders[i] = array.NewStringBuilder(memory.DefaultAllocator)
			}
			size := 0
			for range rows {
				c := caller{noteFirst[r.IntN(len(noteFirst))], noteLast[r.IntN(len(noteLast))], fmt.Sprintf("+1%d5550%03d", 201+r.IntN(700), r.IntN(1000)), ""}
				c.email = strings.ToLower(c.first+"."+c.last) + fmt.Sprintf("%d@example.com", r.IntN(100))
				n := kind.note(r, c)
				size += len(n)
				for i, v := range []string{"acme", c.first, c.last, c.phone, c.email, n} {
					builders[i].Append(v)
				}
			}
			columns := make([]arrow.Array, len(builders))
			for i := range builders {
				columns[i] = builders[i].NewArray()
			}
			b.SetBytes(int64(size))
			maskAgain(b, newScratch(p), 5, columns, rows, "ns/note")
			b.ReportMetric(float64(size)/rows, "bytes/note")
		})
	}
}
