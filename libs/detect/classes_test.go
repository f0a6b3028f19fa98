package detect

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// told is the findings of a text as class and text.
func told(s *Set, text string) []string {
	var out []string
	for _, sp := range s.Find(nil, []byte(text)) {
		out = append(out, string(sp.Class)+" "+text[sp.Start:sp.End])
	}
	return out
}

// example is a text and what is to be found in it.
type example struct {
	text string
	want []string
}

func hits(text string, want ...string) example { return example{text, want} }

// tell checks what a set of all classes finds in each text: all of it, and exactly.
func tell(t *testing.T, list []example) {
	t.Helper()
	t.Parallel()
	s := setOf(t, "US")
	for _, tc := range list {
		if got := told(s, tc.text); !slices.Equal(got, tc.want) {
			t.Errorf("%q:\n got %q\nwant %q", tc.text, got, tc.want)
		}
		if s.Contains([]byte(tc.text)) != (len(tc.want) > 0) {
			t.Errorf("%q: Contains is %v", tc.text, len(tc.want) == 0)
		}
	}
}

func TestIBAN(t *testing.T) {
	tell(t, []example{
		hits("GB82 WEST 1234 5698 7654 32", "iban GB82 WEST 1234 5698 7654 32"),
		hits("pay to DE89370400440532013000, thanks", "iban DE89370400440532013000"),
		hits("de89 3704 0044 0532 0130 00", "iban de89 3704 0044 0532 0130 00"),
		hits("FR14-2004-1010-0505-0001-3M02-606", "iban FR14-2004-1010-0505-0001-3M02-606"),
		hits("IBAN:NL91ABNA0417164300.", "iban NL91ABNA0417164300"),
		hits("NO93\u00a08601\u00a01117\u00a0947", "iban NO93\u00a08601\u00a01117\u00a0947"),
		hits("MT84 MALT 0110 0001 2345 MTLC AST0 01S", "iban MT84 MALT 0110 0001 2345 MTLC AST0 01S"),
		hits("MA64 0115 1900 0001 2050 0053 4921", "iban MA64 0115 1900 0001 2050 0053 4921"),
		hits("dz23qjvwwd3sbrpnrdfodx6jg3"), // a token
		hits("account IR062960000000100324200001", "iban IR062960000000100324200001"),
		hits("SN08 SN01 0015 2000 0485 0000 3035", "iban SN08 SN01 0015 2000 0485 0000 3035"),
		hits("GB82\u200bWEST\u200b12345698765432", "iban GB82\u200bWEST\u200b12345698765432"),
		hits("GB83 WEST 1234 5698 7654 32"),  // check digits
		hits("GB82 WEST 1234 5698 7654 3"),   // too short
		hits("GB82WEST123456987654321"),      // too long
		hits("XX82 WEST 1234 5698 7654 32"),  // no country
		hits("AGB82WEST12345698765432"),      // part of a word
		hits("GB82 WEST, 1234 5698 7654 32"), // two things
		hits("Gb82wEST12345698765432"),
	})
}

func TestIP(t *testing.T) {
	tell(t, []example{
		hits("from 203.0.113.7 at noon", "ip 203.0.113.7"),
		hits("192.168.100.200:8080", "ip 192.168.100.200"),
		hits("10.0.0.1", "ip 10.0.0.1"),
		hits("http://198.51.100.23/x", "ip 198.51.100.23"),
		hits("ip 1.2.3.4", "ip 1.2.3.4"),
		hits("2001:db8::1", "ip 2001:db8::1"), hits("fe80::1", "ip fe80::1"), hits("2001:0db8:85a3:0000:0000:8a2e:0370:7334", "ip 2001:0db8:85a3:0000:0000:8a2e:0370:7334"),
		hits("[2001:db8:0:0:0:0:2:1]:443", "ip 2001:db8:0:0:0:0:2:1"),
		hits("fe80::1ff:fe23:4567:890a.", "ip fe80::1ff:fe23:4567:890a"),
		hits("version 1.2.3.4"), hits("v1.2.3.4"), hits("firmware 10.4.2.1 installed"), hits("Chrome/120.0.6.9"), hits("Chrome/120.0.0.0 Safari/537.36"),
		hits("1.2.3.4.5"), hits("256.1.1.1"), hits("1.2.3"), hits("01.02.03.04"), hits("0.0.0.0"), hits("255.255.255.0"), hits("app 2.10.0.1"),
		hits("13:04:11"), hits("00:04:11:22"), hits("std::string"), hits("a::b"), hits("12::"), hits("::"), hits("1:2:3:4:5:6:7:8:9"), hits("dead:beef"), hits("key: 2"),
	})
}

func TestIPScores(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US")
	for text, sure := range map[string]bool{"203.0.113.7": true, "2001:db8::1": true, "ip is 1.2.3.4": true, "1.2.3.4": false, "10.4.2.1": false, "00:1A:2B:3C:4D:5E": true, "01:02:03:04:05:06": false} {
		if spans := s.Find(nil, []byte(text)); len(spans) != 1 || spans[0].Score >= Sure != sure {
			t.Errorf("%q: %v", text, spans)
		}
	}
}

func TestMAC(t *testing.T) {
	tell(t, []example{
		hits("00:1A:2B:3C:4D:5E", "mac 00:1A:2B:3C:4D:5E"),
		hits("mac 00-1a-2b-3c-4d-5e ok", "mac 00-1a-2b-3c-4d-5e"),
		hits("A0-1B-2C-3D-4E-5F", "mac A0-1B-2C-3D-4E-5F"),
		hits("001a.2b3c.4d5e", "mac 001a.2b3c.4d5e"),
		hits("02:00:5e:10:00:00:00:01", "mac 02:00:5e:10:00:00:00:01"),
		hits("00:1A:2B:3C:4D"), hits("00:1A:2B:3C:4D:5E:6F"), hits("ff:ff:ff:ff:ff:ff"), hits("00:1A-2B:3C-4D:5E"), hits("x00:1A:2B:3C:4D:5E"), hits("00:1A:2B:3C:4D:5Ex"), hits("12-03-04"),
	})
}

func TestURL(t *testing.T) {
	tell(t, []example{
		hits("see https://jo:secret@example.com/x?y=1.", "url https://jo:secret@example.com/x?y=1"),
		hits("ftp://jo@files.example.com", "url ftp://jo@files.example.com"),
		hits("https://example.com/reset?user=1&token=abc123 now", "url https://example.com/reset?user=1&token=abc123"),
		hits("<https://example.com/#access_token=xyz>", "url https://example.com/#access_token=xyz"),
		hits("https://s3.example.com/k?X-Amz-Signature=0a1b", "url https://s3.example.com/k?X-Amz-Signature=0a1b"),
		hits("example.com/cb?apiKey=xyz&x=1", "url example.com/cb?apiKey=xyz&x=1"),
		hits("(https://example.com/a?password=hunter2)", "url https://example.com/a?password=hunter2"),
		hits("https://example.com/?page=2"), hits("https://example.com/?token="), hits("https://example.com/token/abc"), hits("ok? token=abc"), hits("https://example.com/a@b"), hits("what?really=1"),
	})
}

func TestDOB(t *testing.T) {
	tell(t, []example{
		hits("dob 01/02/1980", "dob 01/02/1980"),
		hits("DOB: 1980-01-02, verified", "dob 1980-01-02"),
		hits("date of birth is 2 Jan 1980", "dob 2 Jan 1980"),
		hits("born on March 5th, 1980 in", "dob March 5th, 1980"),
		hits("born the 5th of March 1980", "dob 5th of March 1980"),
		hits("her birthday is 3/4/85", "dob 3/4/85"),
		hits("birthday March 5", "dob March 5"),
		hits("D.O.B. 1-2-1980", "dob 1-2-1980"),
		hits("born 19800102", "dob 19800102"),
		hits(`{"dateOfBirth":"1980-01-02T00:00:00Z"}`, "dob 1980-01-02T00:00:00Z"),
		hits("date_of_birth=02.01.1980", "dob 02.01.1980"),
		hits("What is your date of birth?\nCustomer: 01/02/1980", "dob 01/02/1980"),
		hits("01/02/1980 is my date of birth", "dob 01/02/1980"),
		hits("geboren am 5. März 1980", "dob 5. März 1980"),
		hits("born 01\u200b/02/1980", "dob 01\u200b/02/1980"),
		hits("[DOB] 01/02/1980"), hits("order date 01/02/1980"), hits("delivered 2 Jan 2024"), hits("dob 99/99/1980"), hits("dob missing, order of 01/02/2024 open"), hits("born to run 24/7"), hits("dob 1772973851482"),
	})
}

func TestDocuments(t *testing.T) {
	tell(t, []example{
		hits("passport number is X1234567", "passport X1234567"),
		hits("passport no. 123456789.", "passport 123456789"),
		hits(`"passportNumber":"C01X00T47"`, "passport C01X00T47"),
		hits("passport renewed in 2024"), hits("passport office opens 20240101"), hits("passport User_a2b3c4d5e6f7a2b3c4d5e6f7a2"), hits("passport a2b3c4d5e6f7a2b3c4d5e6f7a2"), hits("passport +999123456789012"),
		hits("driver's license number D123-4567-8901", "licence D123-4567-8901"),
		hits("driving licence MORGA753116SM9IJ ok", "licence MORGA753116SM9IJ"),
		hits("DL# D1234567", "licence D1234567"),
		hits("driverLicense: 12345678", "licence 12345678"),
		hits("software license 12345678"), hits("licence fee 123456"), hits("dl speed 12345 kb"),
		hits("MRN: 00123456", "mrn 00123456"),
		hits("MRN12345678", "mrn 12345678"),
		hits("medical record number 1234567", "mrn 1234567"),
		hits("patient id is A-12345", "mrn A-12345"),
		hits("NHS number 943 476 5919", "mrn 943 476 5919"),
		hits("record 1234567"), hits("patient waited 1234 minutes"), hits("record number 55 of 1000"),
		hits("member id: XYZ123456789", "member XYZ123456789"),
		hits(`{"memberId":"12345"}`, "member 12345"),
		hits("Medicare number 1EG4-TE5-MK73", "member 1EG4-TE5-MK73"),
		hits("subscriber number is 123 456 789", "member 123 456 789"),
		hits("frequent flyer number AB123456", "member AB123456"),
		hits("MBI6KYSPLP3RJB4Z"), hits("member since 2019"), hits("membership 2024"), hits("member id a2b3c4d5e6f7a2b3c4d5e6f7a2"), hits("insurance costs 12345"), hits("queue id 12345"), hits("skill id 77 of 12345"),
	})
}

func TestCVV(t *testing.T) {
	tell(t, []example{
		hits("cvv 123", "cvv 123"), hits("CVV2: 1234 ok", "cvv 1234"), hits("cvc is 1 2 3", "cvv 1 2 3"), hits("cvv123", "cvv 123"),
		hits("the security code is 123", "cvv 123"), hits(`{"cvv":"123"}`, "cvv 123"), hits("card verification value 321", "cvv 321"),
		hits("three digits on the back are 123", "cvv 123"), hits("the last three digits on the back of the card: 987", "cvv 987"),
		hits("123 on the back", "cvv 123"), hits("123 is the cvv", "cvv 123"),
		hits("4111 1111 1111 1111 12/27 cvv 123", "card 4111 1111 1111 1111", "cvv 123"),
		hits("[CVV] 123"), hits("x2cvv 123"), hits("security code 482913"), hits("cvv 12"), hits("cvv 12345"), hits("cvv 12/27"), hits("back in 123 days"), hits("verification code 1234"), hits("came back 123"), hits("last three digits of the order 123"), hits("cvv not given"),
	})
}

func TestAddress(t *testing.T) {
	tell(t, []example{
		hits("lives at 12 Main Street, Springfield, IL 62704", "address 12 Main Street, Springfield, IL 62704"),
		hits("1600 Pennsylvania Ave NW, Washington, DC 20500", "address 1600 Pennsylvania Ave NW, Washington, DC 20500"),
		hits("350 5th Ave Apt 4B New York, NY 10118", "address 350 5th Ave Apt 4B New York, NY 10118"),
		hits("45 Oak Dr, Austin TX 78701 today", "address 45 Oak Dr, Austin TX 78701"),
		hits("12 high street", "address 12 high street"), hits("12 Kings Court", "address 12 Kings Court"), hits("7 Elm St.", "address 7 Elm St"),
		hits("221B Baker Street, London NW1 6XE", "address 221B Baker Street, London NW1 6XE"),
		hits("Flat 2, 14 High Street, Leeds LS1 4AP", "address Flat 2, 14 High Street, Leeds LS1 4AP"),
		hits("P.O. Box 123, Austin, TX 78701", "address P.O. Box 123, Austin, TX 78701"), hits("PO Box 77", "address PO Box 77"),
		hits("Hauptstraße 12, 10115 Berlin", "address Hauptstraße 12, 10115 Berlin"), hits("Berliner Straße 7a", "address Berliner Straße 7a"), hits("Bahnhofstr. 3", "address Bahnhofstr. 3"),
		hits("12 rue de la Paix, 75002 Paris", "address 12 rue de la Paix, 75002 Paris"), hits("Calle Mayor 5, 28013 Madrid", "address Calle Mayor 5, 28013 Madrid"),
		hits("Via Roma 10, 00184 Roma", "address Via Roma 10, 00184 Roma"), hits("Kerkstraat 12, 1017 GC Amsterdam", "address Kerkstraat 12, 1017 GC Amsterdam"),
		hits("at SW1A 1AA now", "address SW1A 1AA"), hits("postcode is sw1a 1aa", "address sw1a 1aa"), hits("zip code 94110-1234", "address 94110-1234"),
		hits("2 cars on the road"), hits("5 minutes down the road"), hits("took 3 days to drive"), hits("2 people in the street"), hits("press 1 to close"), hits("1 way"), hits("3 places"), hits("Box 12"), hits("sent via Chat 5 times"),
		hits("zip file attached"), hits("QX1A 1AA"), hits("the street"), hits("3 Orders on Main Street"), hits("24 Hour Drive"),
	})
}

func TestName(t *testing.T) {
	tell(t, []example{
		hits("My name is John Smith and I want a refund", "name John Smith"),
		hits("my name is xiomara quintero i am calling about", "name xiomara quintero"),
		hits("my name's thabo", "name thabo"),
		hits("the name on the account is Thabo Mbeki.", "name Thabo Mbeki"),
		hits("in the name of Ludwig van Beethoven, please", "name Ludwig van Beethoven"),
		hits("this is pat doyle calling from the bank", "name pat doyle"), hits("This is Thabo Mbeki with the agency", "name Thabo Mbeki"),
		hits("Spoke with Mrs. O'Brien about the case.", "name O'Brien"), hits("speaking with thabo now", "name thabo"),
		hits("Dear Xiomara, thanks", "name Xiomara"), hits("Regards,\nThabo", "name Thabo"), hits("I'm Thabo and I", "name Thabo"), hits("I’m Thabo", "name Thabo"),
		hits("Mr Smith-Jones called", "name Smith-Jones"), hits("mr quintero asked for it", "name quintero"), hits("Dr. Ngozi Okafor's office", "name Ngozi Okafor"),
		hits("Maria Novak called about the bill", "name Maria Novak"), hits("José García called", "name José García"), hits("John Q. Smith wants it", "name John Q. Smith"),
		hits("SMITH, JOHN", "name SMITH, JOHN"), hits("Smith, John needs help", "name Smith, John"), hits("JOHN SMITH", "name JOHN SMITH"),
		hits("agent Maria said", "name Maria"), hits("customer: Thabo Mbeki", "name Thabo Mbeki"),
		hits(`{"firstName":"Thabo","lastName":"Mbeki"}`, "name Thabo", "name Mbeki"), hits("name=Thabo", "name Thabo"),
		hits("my name is Jo\u200bhn Smith", "name Jo\u200bhn Smith"),
		hits("spoke with customer service about it"), hits("I spoke to a manager"), hits("Hi Team, please check"), hits("Dear Customer"), hits("handled in 33 ms Could not"),
		hits("Will Call tomorrow"), hits("Grant Access to user"), hits("Paris Office queue"), hits("Dallas Support"), hits("Mark Complete"), hits("Austin Texas"),
		hits("user name is required"), hits("file name: report"), hits("queue name is Billing"), hits("this is regarding an order"), hits("this is wrong"), hits("I am Canadian"), hits("my name is on the account"),
		hits("john called"), hits("Mr. [NAME] called"), hits("customer Asked for it"), hits("[NAME] Smith"), hits("User_abcdefghijklmnopqrstuvwxyz"), hits("I'm happy"), hits("miss the call"), hits("Customer Service"), hits("thanks for calling"),
	})
}

// TestOverlap: no part of a value is left beside another, and what rests on context does not hide a checked form.
func TestOverlap(t *testing.T) {
	tell(t, []example{
		hits("lives at 12 Main Street Apt 415-555-0142, thanks", "address 12 Main Street Apt 415-555-0142"),
		hits("12 Main Street, Unit 219-09-9999", "address 12 Main Street, Unit 219-09-9999"),
		hits("12 Main Street Apt 4111 1111 1111 1111", "address 12 Main Street Apt 4111 1111 1111 1111"),
		hits("12 Main Street Apt jo@example.com", "address 12 Main Street Apt jo@example.com"),
	})
	s := setOf(t, "US")
	for _, text := range []string{"member id 415-555-0142", "mrn 4111 1111 1111 1111 1", "12 Main Street, 219-09-9999 IL 62701", "12 Main Street Apt 415-555-0142"} {
		spans := s.Find(nil, []byte(text))
		if len(spans) != 1 || spans[0].Score < Sure {
			t.Errorf("%q: got %s, want one finding with the score of the checked form in it", text, describe(text, spans))
		}
	}
}

// TestBesideSpoken: what stands in digits beside spoken numbers is found as it is without them.
func TestBesideSpoken(t *testing.T) {
	tell(t, []example{
		hits("press one two three 219-09-9999", "ssn 219-09-9999"),
		hits("option one two five six, 52.14.3.9", "ip 52.14.3.9"),
		hits("double four 4155550142 double four", "phone 4155550142"),
		hits("double four 415-555-0142 double four", "phone 415-555-0142"),
		hits("pick one two three, 4111 1111 1111 1111", "card 4111 1111 1111 1111"),
	})
}

// TestLongRuns: a text of words that begin something and never end it is read in one pass, not once for each of them.
func TestLongRuns(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US")
	for _, unit := range []string{"double ", "triple double ", "DEa\u200b", "aB", "fooBar"} {
		text := []byte(strings.Repeat(unit, 4<<20/len(unit)))
		start := time.Now()
		s.Find(nil, text)
		if took := time.Since(start); took > 5*time.Minute { // it takes a second or two; read again from each word on, hours
			t.Errorf("%q again and again, 4 MB: %v", unit, took)
		}
	}
}

func TestSpoken(t *testing.T) {
	tell(t, []example{
		hits("four one one one one one one one one one one one one one one one", "card four one one one one one one one one one one one one one one one"),
		hits("my card is four one one one, one one one one, double one double one, triple one one expiry twelve twenty seven",
			"card four one one one, one one one one, double one double one, triple one one"),
		hits("It's four one one one one one one one one one one one one one one one twelve twenty seven", "card four one one one one one one one one one one one one one one one"),
		hits("call four one five five five five oh one four two", "phone four one five five five five oh one four two"),
		hits("call four one five, triple five, oh one four two please", "phone four one five, triple five, oh one four two"),
		hits("Four one five dash five five five dash oh one four two", "phone Four one five dash five five five dash oh one four two"),
		hits("call eight hundred five five five oh one nine nine", "phone eight hundred five five five oh one nine nine"),
		hits("call me at 415 five five five oh one four two", "phone 415 five five five oh one four two"),
		hits("social is one two three four five six seven eight nine", "ssn one two three four five six seven eight nine"),
		hits("security code is one two three", "cvv one two three"), hits("cvv seven four nine", "cvv seven four nine"),
		hits("born on one two nineteen eighty", "dob one two nineteen eighty"),
		hits("date of birth march fifth nineteen eighty ok", "dob march fifth nineteen eighty"),
		hits("born january two nineteen eighty five", "dob january two nineteen eighty five"),
		hits("one two 4155550142", "phone 4155550142"), hits("option two one 4111 1111 1111 1111", "card 4111 1111 1111 1111"),
		hits("the first two calls"), hits("second one of three"),
		hits("john dot smith at example dot com", "email john dot smith at example dot com"),
		hits("my email is john smith at gmail dot com", "email john smith at gmail dot com"),
		hits("it is j o h n at g m a i l dot com", "email j o h n at g m a i l dot com"),
		hits("jo underscore s at gmail.com please", "email jo underscore s at gmail.com"),
		hits("jo (at) example (dot) co (dot) uk", "email jo (at) example (dot) co (dot) uk"),
		hits("look at example dot com"), hits("one of the two options"), hits("three four five"), hits("one two"), hits("order four one five five five five oh one four two"),
		hits("double the amount at one dot five"), hits("jo at masked dot invalid"),
	})
}

// Every part of the registry finds something, and what it finds has its reason in
// the documentation.
func TestReasonsAndScores(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/detection.md")
	if err != nil {
		t.Fatal(err)
	}
	s := setOf(t, "US")
	for text, want := range map[string]struct {
		reason string
		sure   bool
	}{
		"GB82 WEST 1234 5698 7654 32": {"mod-97", true}, "203.0.113.7": {"ipv4", true}, "10.4.2.1": {"ipv4-small", false}, "2001:db8::1": {"ipv6", true},
		"00:1A:2B:3C:4D:5E": {"mac", true}, "https://jo:x@example.com": {"userinfo", true}, "https://example.com?token=abc": {"secret-parameter", true},
		"dob 01/02/1980": {"dob-context", false}, "12 Main Street": {"street", false}, "PO Box 12": {"po-box", false}, "SW1A 1AA": {"postcode", false}, "zip 94110": {"postcode-context", false},
		"passport X1234567": {"passport-context", false}, "DL# D1234567": {"licence-context", false}, "mrn 1234567": {"mrn-context", false}, "member id 12345": {"member-context", false},
		"cvv 123": {"cvv-context", false}, "my name is Thabo": {"name-announced", false}, "Mr Thabo": {"name-title", false}, "Dear Thabo": {"name-greeting", false}, "Regards, Thabo": {"name-closing", false},
		"agent Maria": {"name-role", false}, "Maria Novak": {"name-full", false}, "cvv one two three": {"spoken", false}, "jo at example dot com": {"spoken", false},
		"four one one one one one one one one one one one one one one one": {"spoken", true},
	} {
		spans := s.Find(nil, []byte(text))
		if len(spans) != 1 || spans[0].Reason != want.reason || spans[0].Score >= Sure != want.sure {
			t.Errorf("%q: got %+v, want %s", text, spans, want.reason)
		}
		if !bytes.Contains(page, []byte("`"+want.reason+"`")) {
			t.Errorf("%s is not in the documentation", want.reason)
		}
	}
}

// TestSpokenLists: in a list of numbers of which each is said partly in words, those at its end are found, too.
func TestSpokenLists(t *testing.T) {
	t.Parallel()
	s := textSet(t, "US")
	for _, text := range []string{
		"6535 550 69 seven; three six three five 5 53 065; 4 3 3 five 5541 60; 4 one one one one 11 one one 111 one 111; 87 6 five five five 2701; three two two five 5 five eight four zero six",
		"530 5 five five three four zero nine; two zero nine five five five three 664; nine nine zero five five 5 382 5; seven four nine five five five one nine 34; five two five five five five 74 36; " +
			"3635 five five nine nine four seven; 41 1111 1 1111 1111 one; four one one 111 11 one one one one one 111",
	} {
		spans := s.Find(nil, []byte(text))
		if n := len(spans); n == 0 || spans[n-1].End != len(text) {
			t.Errorf("%q: found %s", text, describe(text, spans))
		}
	}
}

// Figures beside spoken numbers are found as what they are.
func TestFiguresAmongWords(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US")
	for text, want := range map[string]string{"option one two 415-555-0142": "nanp", "press one two then 4111 1111 1111 1111": "luhn", "call 415 five five five oh one four two": spokenReason} {
		if spans := s.Find(nil, []byte(text)); len(spans) != 1 || spans[0].Reason != want {
			t.Errorf("%q: got %+v, want %s", text, spans, want)
		}
	}
}
