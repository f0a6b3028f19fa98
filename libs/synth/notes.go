package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// notes writes what an agent would: one in six is empty, one in three holds something that must not leave
// production, and the rest holds what looks like it: order numbers, epoch milliseconds, ids, durations.
func notes(r *rand.Rand, p person, row Interaction, words prose) string {
	if r.IntN(6) == 0 {
		return ""
	}
	parts := []string{words.opening(r)}
	if r.IntN(5) < 2 {
		parts = append(parts, sensitive(r, p))
	} else if r.IntN(2) == 0 {
		parts = append(parts, harmless(r, row))
	}
	return strings.Join(append(parts, words.closing(r)), " ")
}

func sensitive(r *rand.Rand, p person) string {
	switch r.IntN(7) {
	case 0:
		return "Call back on " + p.phone(r) + " after five."
	case 1:
		return fmt.Sprintf("%s %s called from %03d.555.0%03d.", p.first, p.last, p.area, p.line)
	case 2:
		if p.email != "" {
			return "Send the form to " + p.email + " please."
		}
		return "Spoke with " + p.first + " at length."
	case 3:
		return "Paid with " + p.card(r) + "."
	case 4:
		return "Verified by SSN " + p.ssn + "."
	case 5:
		return "Mr/Ms " + p.last + " will bring the papers."
	default:
		return fmt.Sprintf("%s left the number (%03d) 555-0%03d for %s.", strings.ToUpper(p.first), p.area, p.line, p.last)
	}
}

func harmless(r *rand.Rand, row Interaction) string {
	switch r.IntN(5) {
	case 0:
		return fmt.Sprintf("Order ORD-2026-%07d shipped.", r.IntN(10_000_000))
	case 1:
		return fmt.Sprintf("Ticket opened at %d.", row.Start.UnixMilli())
	case 2:
		return "See interaction " + row.InteractionID + "."
	case 3:
		return fmt.Sprintf("Handled in %d ms, hold %d s.", row.DurationMs, r.IntN(600))
	default:
		return fmt.Sprintf("Firmware 12.4.%d, portal v2.%d.", r.IntN(900), r.IntN(30))
	}
}
