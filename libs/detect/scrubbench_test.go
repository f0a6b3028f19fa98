//go:build unix

package detect

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// agentNotes are notes of about 120 characters as agents type them, of which one in three has something in it.
func agentNotes(n int) (notes [][]byte, size int64) {
	r := rand.New(rand.NewPCG(11, 12))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	digits := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('0' + r.IntN(10))
		}
		return string(b)
	}
	opening := []string{"Customer asked why the delivery was late.", "Complains about the waiting time in the queue.", "Called about the last invoice.", "Could not log in after the password reset.",
		"Wants to change the delivery date.", "Asked for a refund of the second charge.", "Reported that the router drops the connection.", "Follow up on an earlier contact about the contract."}
	harmless := []string{"Order ORD-2026-00%s shipped.", "Ticket opened at 17729738%s.", "Handled in %s ms.", "Firmware 12.4.%s installed.", "See interaction 550e8400-e29b-41d4-a716-4466554%s.", "Parcel is with the carrier.",
		"Restarted the modem and tested the line.", "Sent the form again by post.", "Agent explained the terms of the plan.", "Nothing else was open on the account."}
	closing := []string{"Issue resolved on the call today.", "Escalated to the second line again.", "Will call again tomorrow if it is not fixed.", "Customer was satisfied with the answer.", "No further action needed.", "Transferred to billing."}
	sensitive := []func() string{
		func() string { return "Call back on (415) 555-" + digits(4) + " after five." },
		func() string { return "Call back on +44 20 7946 " + digits(4) + " after five." },
		func() string {
			return "Wants it sent to j." + pick("smith", "doe", "novak") + digits(2) + "@example.com."
		},
		func() string { return "Read out card 4111 1111 1111 1111 before the pause." },
		func() string { return "Gave ssn 123-45-" + fmt.Sprint(1000+r.IntN(8999)) + " to verify." },
		func() string {
			return "Verified date of birth 0" + fmt.Sprint(1+r.IntN(9)) + "/1" + digits(1) + "/1980."
		},
		func() string {
			return "Moved to 12 " + pick("Main", "Oak", "Station") + " Street, Springfield, IL 62704."
		},
		func() string {
			return "Spoke with " + pick("Maria", "John", "Thabo") + " " + pick("Novak", "Mbeki", "Smith") + "."
		},
		func() string { return "my name is " + pick("maria novak", "john smith", "thabo mbeki") + " and" },
		func() string { return "Member id XK" + digits(8) + " was checked." },
		func() string { return "number is four one five five five five oh one four two" },
		func() string { return "Pays from GB82 WEST 1234 5698 7654 32 now." },
		func() string { return "Logged in from 203.0.113." + fmt.Sprint(r.IntN(256)) + " today." },
	}
	for range n {
		middle := strings.Replace(harmless[r.IntN(len(harmless))], "%s", digits(5), 1)
		if r.IntN(3) == 0 {
			middle = sensitive[r.IntN(len(sensitive))]()
		}
		note := []byte(opening[r.IntN(len(opening))] + " " + middle + " " + closing[r.IntN(len(closing))])
		notes = append(notes, note)
		size += int64(len(note))
	}
	return notes, size
}

// expressions are the classes as one writes them with Go's regexp.
func expressions() (list []*regexp.Regexp) {
	for _, e := range []string{
		`(?:\+?\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}\b`,
		`\+\d{1,3}(?:[ .-]?\d{2,4}){2,5}`,
		`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`,
		`\b(?:\d[ -]?){13,19}\b`,
		`\b\d{3}[- ]\d{2}[- ]\d{4}\b`,
		`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b`,
		`\b(?:\d{1,3}\.){3}\d{1,3}\b`,
		`\b(?:[0-9A-Fa-f]{1,4}:){2,7}[0-9A-Fa-f]{1,4}\b`,
		`\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b`,
		`https?://[^\s/]+:[^\s/]+@\S+|https?://\S+[?&](?:token|key|password|secret)=\S+`,
		`(?i)\b(?:dob|date of birth|born(?: on)?|birthday)\b\W{0,5}(?:is )?(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})`,
		`(?i)\b\d{1,6} (?:[A-Za-z0-9.']+ ){1,4}(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|way)\b`,
		`(?i)\b(?:driver'?s?|driving) licen[cs]e\b.{0,20}?([A-Z0-9-]{5,18})`,
		`(?i)\bpassport\b.{0,20}?([A-Z]?\d{6,9})`,
		`(?i)\b(?:mrn|medical record(?: number)?|patient id)\b.{0,10}?([A-Z]?\d{4,12})`,
		`(?i)\b(?:member|subscriber|membership) (?:id|number|no)\b.{0,10}?([A-Z0-9]{4,15})`,
		`(?i)\b(?:cvv2?|cvc|security code)\b.{0,10}?(\d{3,4})\b`,
		`\b(?:Mr|Mrs|Ms|Dr)\.? [A-Z][a-z]+(?: [A-Z][a-z]+)?`,
		`(?i)\b(?:my name is|speaking with|spoke with|this is)\b ([a-z]+(?: [a-z]+)?)`,
		`(?i)\b(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)[ ,-]+){6,}(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b`,
	} {
		list = append(list, regexp.MustCompile(e))
	}
	return list
}

// cpu are the seconds of processor time that this process has had in its own code.
func cpu(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Sec) + float64(u.Utime.Usec)/1e6
}

// BenchmarkScrub takes all classes out of notes, and does the same with Go's regexp, one expression after the other. Both
// report MB in a second of processor time, without what a process does once: numbering plans and dictionaries are read,
// and the garbage of that is collected, before the first second begins.
func BenchmarkScrub(b *testing.B) {
	notes, size := agentNotes(2048)
	s := textSet(b, "US")
	labels := map[Class]string{}
	for _, c := range Classes() {
		labels[c] = placeholder(c)
	}
	label := func(c Class) string { return labels[c] }
	var dst []byte
	measure := func(name string, clean func(note []byte)) {
		b.Run(name, func(b *testing.B) {
			pass := func() {
				for _, note := range notes {
					clean(note)
				}
			}
			pass()
			runtime.GC()
			from := cpu(b)
			n := 0
			for b.Loop() {
				pass()
				n++
			}
			b.ReportMetric(float64(size)*float64(n)/1e6/(cpu(b)-from), "MB/cpu-s")
		})
	}
	measure("detectors", func(note []byte) { dst = s.Replace(dst[:0], note, label) })
	list, with := expressions(), []byte("[MASKED]")
	measure("regexps", func(note []byte) {
		out := note
		for _, e := range list {
			out = e.ReplaceAll(out, with)
		}
		dst = append(dst[:0], out...)
	})
}

// Of the notes that the benchmark is made of, those with something in them are found, and no other.
func TestAgentNotes(t *testing.T) {
	t.Parallel()
	notes, size := agentNotes(2048)
	s := textSet(t, "US")
	hits := 0
	for _, note := range notes {
		if s.Contains(note) {
			hits++
		}
		if out := s.Replace(nil, note, placeholder); s.Contains(out) || bytes.Equal(out, note) == s.Contains(note) {
			t.Errorf("%q became %q", note, out)
		}
	}
	if mean := size / int64(len(notes)); mean < 100 || mean > 140 || hits < len(notes)*30/100 || hits > len(notes)*37/100 {
		t.Errorf("%d bytes each, %d of %d with something in them", mean, hits, len(notes))
	}
}
