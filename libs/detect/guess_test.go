package detect

import (
	"strings"
	"testing"
)

// What is in brackets is found as a guess, of the class that the list is of.
func TestGuesses(t *testing.T) {
	t.Parallel()
	tests := map[Class][]string{
		Name: {
			// two words that are in no list, and one known name
			"LVM for <Nkemdi Abellard>, no answer", "spoke w/ <Yaroslava Quiñonero>.", "Refund goes to <Thibault van den Eynde>", "<Ottmar O'Shealy> and <Ilka D'Ambrosi> share it",
			"I saw <Jennifer> at noon", "PT <ROSWITHA KEMPFER> MRN OPEN", "CUSTOMER <ELSPETH DE LA FUENTE> CALLED BACK", "<Zdenka K. Halvorsrud>'s invoice",
			// last names first
			"Acct holder: <Abellard, Nkemdi>; open", "<van der Zwaan, Mirthe> - no show",
			// one word where persons stand
			"Tell <Nkemdi> that I called", "transferred to <Nkemdi> in billing", "Thanks <Nkemdi>, bye", "Thanks,\n<Nkemdi>", "My daughter <Nkemdi> pays it", "then <Nkemdi> said no",
			"<Nkemdi>'s husband called", "this is <Nkemdi>. How can I help?", "<Nkemdi>: hello?", "It did not work, <Nkemdi>!", "The <Abellard> family moved",
			// small letters
			"hi <nkemdi> how are you", "you spoke to my wife <nkemdi abellard> last week", "is this <nkemdi abellard> yes", "your last name sure it's <abellard>", "i'm <nkemdi abellard> by the way",
			"the technician was called <nkemdi> i think",
		},
		Address: {
			"Ship to:\n<96 Halvor Circles\nNorth Ellport, IN 95345>", "lives at <Kotilammentie 7, Ellport>", "moved to <6750 Kotilammentie 25 Apt. 4>", "send it to <8455 old post drive> please",
			"<Abel-Krahn-Ring 38\n Unit 886\n Karvia\n Peru 07666>", "our office is at <Long Mynd 5, 49-680 Swiecie>", "The bus stops at <12 Vallon Rue>, then turns",
		},
		Phone: {"nobody at <0921-742180>", "he called from <(118)009-9484x691>", "fax <775 104 904>", "on <07700 900 123>", "desk <020 7946 0958>", "cb# <0003230455>", "tried <+21 58821 01339> twice", "order <+215882101339123>", "tried <+21 588 210>", "order 21588210"},
		Card:  {"my card <630488313911> is lost"},
		DOB:   {"Verified: <03/14/1971> and address", "(<4.3.1980>)", "she gave <March 14, 1971>", "<14 March 1971> ok"},
	}
	for class, texts := range tests {
		s, strict := textSet(t, "US"), setOf(t, "US")
		for _, marked := range texts {
			text := strings.NewReplacer("<", "", ">", "").Replace(marked)
			var b strings.Builder
			at := 0
			for _, span := range s.Find(nil, []byte(text)) {
				if span.Class != class {
					continue
				}
				b.WriteString(text[at:span.Start] + "<" + text[span.Start:span.End] + ">")
				at = span.End
				if span.Score >= Guess && !strings.HasSuffix(span.Reason, "-context") && class != Name {
					t.Errorf("%s in %q: score %v is that of no guess", class, text, span.Score)
				}
			}
			if got := b.String() + text[at:]; got != marked {
				t.Errorf("%s: got  %q\nwant %q", class, got, marked)
			}
			for _, span := range strict.Find(nil, []byte(text)) {
				if span.Score < Guess {
					t.Errorf("%q: a set for cells guesses", text)
				}
			}
		}
	}
}

// TestCutOff searches notes that end anywhere, as a field of limited width leaves them.
func TestCutOff(t *testing.T) {
	t.Parallel()
	s := textSet(t, "US")
	for _, note := range []string{
		"O'Brien-Smith's wife, Zsófia’s", "hi nkemdi's", "Lindqvist, Zs. van der Berg & co", "this is Nkemdi D'Angelo, Mr. J. K. O’Shea",
		"lives at 12A/3 Abel-Krahn-Ring, Flat #5, 304 94 Ellport", "P.O. Box 12, Kotilammentie 7, IN 95345-1234, SW1A 1AA",
		"tel: +44 (0) 20 7946-0958 ext. 12", "card 6304 8831 3911 cvv: 123", "born on the 5th of March '71, 4.3.1980", "four one five, double five 5 oh one",
		"https://jo:pw@host.example/a?token=xyz&b=%40", "203.0.113.7, 00:1A:2B:3C:4D:5E, fe80::1, DE89 3704 0044 0532 0130 00", "member id AB-12345, driver's licence D123 4567",
	} {
		for from := range note {
			for to := from; to <= len(note); to++ {
				checkSpans(t, s, []byte(note[from:to]))
			}
		}
	}
}

// TestNoGuess holds what notes are full of against sets for texts.
func TestNoGuess(t *testing.T) {
	t.Parallel()
	s := textSet(t, "US")
	for _, text := range []string{
		// headings, products and companies
		"I Want To Cancel My Subscription Now", "Escalated to Tier Two Support, see Knowledge Base.", "Please transfer me to the Customer Success team.", "Thank You For Calling Customer Care",
		"The New Year promotion ends in January, see Terms and Conditions.", "Netflix and Spotify work but Disney Plus does not load on the Xbox Series X.", "Zentrix Orvanta Systems sent an invoice",
		"at the Kelmore Hotel", "Lake Ostrava was closed", "our Velmora Trendal does not start", "The Zentrix app is slow", "Hotel Kempinski Adlon", "Zentrix is down", "Orvanta's portal", "Queue Velmora Trendal",
		"Router rebooted. Firmware Update 14 installed.", "Paris store out of stock, Phoenix has 14 units, Austin 3.", "Order ORD-1234 Shipped", "SLA BREACH ON QUEUE EMEA", "WhatsApp and iCloud",
		// other languages, where more than names are in no list
		"Bitte Rechnung Zahlung prüfen und Kunde hat nicht bezahlt", "La Factura Mensual no está pagada por el cliente y una copia", "Kundin möchte Vertrag Kündigung mit Frist",
		// small letters
		"hi there how are you", "this is about the bill", "the order is for my mother", "it's called a chargeback i think", "thanks for the help", "customer recvd pkg yest", "caller advsd acct clsd",
		// numbers beside words
		"upgraded from Windows 10 to Windows 11, Monday", "5 Gigabit plans, Tuesday", "bought 2 Galaxy phones, 3 chargers", "Version 14 Update 3", "call on March 3, Monday", "Order 55 Monday", "Room 12, Building 4",
		"started on 03/14/2024 and 2019-05-06", "March 14, 2024", "since 2001", "at 10:30 on 5 May", "order 0155550142", "ticket 0123456789", "ORD-2024-0012345", "invoice 020 7946 0958", "paid $ 020 794 0958",
		"630488313911", "order 630488313911 card", "in 25100 ms", "24 Hour Drive", "two of the road",
	} {
		for _, span := range s.Find(nil, []byte(text)) {
			t.Errorf("%q: %s %q of %s", text, span.Class, text[span.Start:span.End], span.Reason)
		}
	}
}

func TestDictionary(t *testing.T) {
	t.Parallel()
	d := englishWords()
	for _, w := range []string{"router", "cancelled", "colour", "color", "monday", "complains"} {
		if !d.has(keyOf(w)) {
			t.Errorf("%s is not in it", w)
		}
	}
	for _, w := range []string{"nkemdi", "halvorsrud", "zdenka", "copyright-", "kowalczyk"} {
		if d.has(keyOf(w)) {
			t.Errorf("%s is in it", w)
		}
	}
	used := 0
	for _, slot := range d.slots {
		if slot != 0 {
			used++
		}
	}
	if used < 30_000 || 2*used > len(d.slots) {
		t.Errorf("%d of %d places are taken: want half at most", used, len(d.slots))
	}
}
