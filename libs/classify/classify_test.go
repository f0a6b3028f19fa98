package classify

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func sampleOf(n int, format string, args ...func(i int) any) *Sample {
	s := &Sample{}
	for i := range n {
		values := make([]any, len(args))
		for j, a := range args {
			values[j] = a(i)
		}
		s.Add(fmt.Appendf(nil, format, values...))
	}
	return s
}

func number7(i int) any            { return 2000000 + i*7919%7000000 }
func index(i int) any              { return i }
func of(w ...string) func(int) any { return func(i int) any { return w[i*7%len(w)] } }

func TestJudge(t *testing.T) {
	t.Parallel()
	by, err := New("US")
	if err != nil {
		t.Fatal(err)
	}
	phones := sampleOf(200, "+1415555%04d", func(i int) any { return 100 + i%100 })
	names := sampleOf(200, "%s %s", of("Jane", "Ana", "Wei", "Olu", "José"), of("Okafor", "Pérez", "Li", "Smith", "Ñíguez", "Weiß", "Adeyemi"))
	for name, c := range map[string]struct {
		column Column
		class  Class
		reason Reason
		above  float64
	}{
		"phones, innocent name":     {Column{Name: "customerSegment", Sample: phones}, Phone, ByItsValues, 0.9},
		"phones by both":            {Column{Name: "phoneNumber", Sample: phones}, Phone, ByBoth, 0.95},
		"phones of a contact":       {Column{Name: "addressFrom", Sample: phones}, Phone, ByBoth, 0.95},
		"name alone":                {Column{Name: "emailAddress"}, Email, ByItsName, 0.7},
		"name against its values":   {Column{Name: "ssn", Sample: sampleOf(100, "%s", of("a", "b"))}, SSN, Against, 0.4},
		"phones as numbers":         {Column{Name: "x", Kind: Number, Sample: sampleOf(100, "415%d", number7)}, Phone, ByItsValues, 0.6},
		"phones in notes":           {Column{Name: "x", Sample: sampleOf(100, "please call me back on +1415555%04d about it", func(i int) any { return 100 + i })}, FreeText, ByShape, 0.8},
		"one phone in a hundred":    {Column{Name: "x", Sample: sampleOf(100, "%s", func(i int) any { return map[bool]string{true: "+14155550142", false: "queue_a"}[i == 50] })}, FreeText, InsideText, 0.7},
		"sentences":                 {Column{Name: "x", Sample: sampleOf(100, "the customer asked for %s again and hung up", of("help", "money"))}, FreeText, ByShape, 0.8},
		"names":                     {Column{Name: "x", Sample: names}, PersonName, ByItsValues, 0.6},
		"names by name":             {Column{Name: "assignedTo", Around: "agent", Sample: names}, PersonName, ByItsValues, 0.6},
		"few names of agents":       {Column{Name: "x", Sample: sampleOf(300, "%s", of("Mary Jones", "Bob Hill"))}, PersonName, ByItsValues, 0.6},
		"passports":                 {Column{Name: "passportNo", Sample: sampleOf(50, "passport %s%d", of("C", "X"), number7)}, Document, ByBoth, 0.7},
		"birthdays":                 {Column{Name: "x", Sample: sampleOf(100, "19%02d-03-0%d", func(i int) any { return 40 + i%50 }, func(i int) any { return 1 + i%9 })}, DOB, ByShape, 0.5},
		"dates of birth by both":    {Column{Name: "dob", Sample: sampleOf(100, "19%02d-03-01", func(i int) any { return 40 + i%50 })}, DOB, ByBoth, 0.8},
		"times":                     {Column{Name: "x", Sample: sampleOf(100, "2026-03-01T10:%02d:00Z", func(i int) any { return i % 60 })}, Time, ByShape, 0.8},
		"milliseconds":              {Column{Name: "x", Kind: Number, Sample: sampleOf(100, "17413%08d", index)}, Time, ByShape, 0.8},
		"codes":                     {Column{Name: "x", Sample: sampleOf(100, "%s", of("gold", "silver", "basic_2"))}, Category, ByShape, 0.8},
		"words that could be names": {Column{Name: "x", Sample: sampleOf(100, "%s", of("Gold", "Silver", "Basic"))}, Unsure, NothingToGoBy, -1},
		"uuids":                     {Column{Name: "x", Sample: sampleOf(100, "7c2f0d1e-5a34-4b8f-9a51-%012x", index)}, UUID, ByShape, 0.9},
		"measures":                  {Column{Name: "durationMs", Kind: Number, Sample: sampleOf(100, "%d", index)}, Measure, ByShape, 0.8},
		"flags":                     {Column{Name: "x", Sample: sampleOf(100, "%s", of("yes", "no"))}, Flag, ByShape, 0.8},
		"bool of a sensitive name":  {Column{Name: "phoneVerified", Kind: Boolean}, Flag, ByType, 0.9},
		"JSON":                      {Column{Name: "crm", Sample: sampleOf(30, `{"phone":"+1415555%04d"}`, func(i int) any { return 100 + i })}, Opaque, ByShape, 0.8},
		"nothing":                   {Column{Name: "x"}, Empty, NothingToGoBy, -1},
		"one value":                 {Column{Name: "x", Sample: sampleOf(1, "Gold 2 you")}, Unsure, TooFewToSay, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.column.Kind == "" {
				c.column.Kind = Text
			}
			o := by.Judge(c.column)
			if o.Class != c.class || o.Reason != c.reason || o.Confidence <= c.above || o.Confidence > 0.99 {
				t.Errorf("got %+v, want %s by %s above %.2f", o, c.class, c.reason, c.above)
			}
			if b, err := json.Marshal(o); err != nil || strings.Contains(string(b), "555") {
				t.Errorf("%v: %s", err, b)
			}
		})
	}
}

// A sample is the same whatever the length of the file, as long as it is, and bounded.
func TestSampleIsBoundedAndEven(t *testing.T) {
	t.Parallel()
	a, b := sampleOf(100_000, "%07d", index), sampleOf(100_000, "%07d", index)
	if len(a.kept) > maxKept || len(a.kept) < maxKept/2 || strings.Join(a.kept, ",") != strings.Join(b.kept, ",") {
		t.Fatalf("%d values are kept", len(a.kept))
	}
	if last := a.kept[len(a.kept)-1]; last < "0099000" {
		t.Errorf("the last value that is kept is %s of 100,000", last)
	}
	s := &Sample{}
	s.Add([]byte(strings.Repeat("x", 1<<20)))
	s.Add([]byte("  "))
	if len(s.kept[0]) != maxValue || s.Nulls() != 1 || s.Values() != 1 {
		t.Errorf("%d bytes, %d nulls", len(s.kept[0]), s.Nulls())
	}
}

// TestValue: which names of columns and members are values that nobody may be told.
func TestValue(t *testing.T) {
	t.Parallel()
	c, err := New("US")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"John Smith", "Maria Novak", "12 Main Street", "ann@example.com", "415-555-0142"} {
		if !c.Value(name) {
			t.Errorf("%q is told", name)
		}
	}
	for _, name := range []string{
		"firstName", "First Name", "Customer Name", "Agent Name", "Contact Name", "agentId", "Street", "Home Address", "Billing Address", "Date of Birth", "dob", "SSN",
		"Card Number", "Phone Number", "Queue Name", "Wrap Up Code", "Handle Time", "Talk Time", "Grace Period", "Will Call", "Rich Text", "Mark Read", "Summer Campaign",
		"Case Type", "May Total", "June Sales", "April Total", "Art Director", "Bill Amount", "Bill To", "Ship To", "Drew Balance", "Page Title", "Max Wait", "Sue Count", "Chase Status",
		"Zip Code", "Mac Address", "IP Address", "Dean Name", "Rose Price", "Faith Group", "Hope Score", "Line 1", "Address Line 1", "Street 2",
	} {
		if c.Value(name) {
			t.Errorf("%q is not told", name)
		}
	}
}
