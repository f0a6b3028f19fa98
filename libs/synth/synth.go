// Package synth makes records in the shape of production ones, without a real person in them: numbers are from ranges
// reserved for fiction (555-01xx), mail domains and addresses of hosts are reserved (RFC 2606, RFC 5737), card numbers
// belong to test ranges. An interaction is flat, a conversation nested; both have the same customers.
//
// Row i of a seed is always the same, whatever the number of rows, the format or the machine.
package synth

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Interaction is one row. The columns of a file are its fields, in this order.
type Interaction struct {
	InteractionID, TenantID, Direction, Channel, Language string
	Start, End                                            time.Time // milliseconds, UTC
	DurationMs                                            int64
	QueueID, AgentID                                      string
	PhoneNumber, EmailAddress, ExternalID                 string // the last two may be empty: null in the file
	FirstName, LastName, CardNumber, SSN                  string // card and SSN may be empty: null in the file
	DateOfBirth                                           time.Time
	WrapUpCode, Notes                                     string // notes may be empty: null in the file
}

// Tenants are the values of tenant_id.
var Tenants = []string{"acme", "globex", "initech"}

// epoch is the start of the first interaction: 2026-01-05 08:00 UTC, a Monday.
var epoch = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

// Row makes row i of the seed, with plain notes.
func Row(seed uint64, i int64) Interaction { return row(seed, i, prosaic[Plain]) }

func row(seed uint64, i int64, words prose) Interaction {
	r := rand.New(rand.NewPCG(seed, uint64(i)))
	p := customer(r)
	start := epoch.Add(time.Duration(i)*1700*time.Millisecond + time.Duration(r.IntN(1500))*time.Millisecond)
	return interaction(r, p, start, Tenants, words)
}

func interaction(r *rand.Rand, p person, start time.Time, tenants []string, words prose) Interaction {
	duration := int64(20_000 + r.IntN(1_500_000))
	row := Interaction{
		InteractionID: uuid(r), TenantID: pick(r, tenants),
		Direction: pick(r, directions), Channel: pick(r, channels), Language: pick(r, languages),
		Start: start, End: start.Add(time.Duration(duration) * time.Millisecond), DurationMs: duration,
		QueueID: fixedUUID("queue", r.IntN(24)), AgentID: fixedUUID("agent", r.IntN(400)),
		PhoneNumber: p.phone(r), EmailAddress: p.email, ExternalID: p.externalID,
		FirstName: p.first, LastName: p.last, DateOfBirth: p.birth,
		WrapUpCode: pick(r, wrapUps),
	}
	if r.IntN(10) < 3 {
		row.CardNumber = p.card(r)
	}
	if r.IntN(10) < 2 {
		row.SSN = p.ssn
	}
	row.Notes = notes(r, p, row, words)
	return row
}

// person is a customer; the same number always makes the same person, so that customers call more than once.
type person struct {
	first, last, email, externalID, ssn string
	area, line                          int
	birth                               time.Time
	pan                                 string // digits
}

// customers is how many people call; about ten interactions each in the demo.
const customers = 60_000

func customer(r *rand.Rand) person {
	n := r.IntN(customers)
	c := rand.New(rand.NewPCG(0x6d61736b, uint64(n))) // people are the same for every seed
	p := person{
		first: pick(c, firstNames), last: pick(c, lastNames),
		area: 201 + n%700, line: 100 + (n/700)%100,
		externalID: fmt.Sprintf("CUST-%07d", n*37%10_000_000),
		ssn:        fmt.Sprintf("%03d-%02d-%04d", 100+c.IntN(500), 1+c.IntN(99), 1+c.IntN(9999)),
		birth:      time.Date(1936+c.IntN(70), time.Month(1+c.IntN(12)), 1+c.IntN(28), 0, 0, 0, 0, time.UTC),
		pan:        pan(c),
	}
	if c.IntN(12) != 0 {
		p.email = strings.ToLower(fmt.Sprintf("%s.%s%d@%s", p.first, p.last, n%97, pick(c, mailDomains)))
	}
	return p
}

// phone writes the number in one of the forms that systems and people use.
func (p person) phone(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		return fmt.Sprintf("(%03d) 555-0%03d", p.area, p.line)
	case 1:
		return fmt.Sprintf("%03d-555-0%03d", p.area, p.line)
	default:
		return fmt.Sprintf("+1%03d5550%03d", p.area, p.line)
	}
}

func (p person) card(r *rand.Rand) string {
	if len(p.pan) != 16 || r.IntN(2) == 0 {
		return p.pan
	}
	sep := pick(r, []string{" ", "-"})
	return p.pan[:4] + sep + p.pan[4:8] + sep + p.pan[8:12] + sep + p.pan[12:]
}

// pan makes a card number of a test range that passes Luhn's check.
func pan(r *rand.Rand) string {
	prefix := pick(r, []string{"411111", "555555", "601111", "378282"})
	length := 16
	if prefix == "378282" {
		length = 15
	}
	d := []byte(prefix)
	for len(d) < length-1 {
		d = append(d, byte('0'+r.IntN(10)))
	}
	sum := 0
	for i := len(d) - 1; i >= 0; i-- {
		n := int(d[i] - '0')
		if (len(d)-1-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return string(append(d, byte('0'+(10-sum%10)%10)))
}

func uuid(r *rand.Rand) string {
	a, b := r.Uint64(), r.Uint64()
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], a>>16<<16|4<<12|a&0xfff)
	binary.BigEndian.PutUint64(raw[8:], b<<2>>2|2<<62)
	text := hex.AppendEncode(make([]byte, 0, 36), raw[:])
	return string(text[:8]) + "-" + string(text[8:12]) + "-" + string(text[12:16]) + "-" + string(text[16:20]) + "-" + string(text[20:])
}

// fixedUUID is the n-th id of a kind of configuration object, equal in every file.
func fixedUUID(kind string, n int) string {
	var k uint64
	for _, c := range kind {
		k = k*131 + uint64(c)
	}
	return uuid(rand.New(rand.NewPCG(k, uint64(n))))
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }
