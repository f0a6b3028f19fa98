package masker

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/maskrail/maskrail/libs/detect"
)

// notePieces are what notes and values of records are made of where the rules have edges.
var notePieces = []string{
	"Jane", "jane", "JANE", "Doe", "O'Neil", "o’neil", "Mary-Ann", "mary  ann", "Müller", "MULLER", "mu\u0308ller", "Łukasz", "ß", "ss", "田中", "さん", "Li", "x", "J.", "a", "A", "an", "ana",
	" ", " ", " ", "  ", "\t", "-", "--", ".", ",", "'", "`", "\x00", "\x01", "+", "(", ")", "/", ":", "tel:", "sip:", "@", "＠", "%40", `\u0040`, `\n`, `\u00e9`, `\`, "\u00a0", "\u200b", "\u00ad", "–",
	"1", "12", "123456", "+1", "415", "555", "0132", "4155550132", "+14155550132", "0", "00", "44", "+44", "20", "7946", "0958", "+442079460958", "02079460958", "1772973851482", "１", "٤", "99", "111111111111",
	"4111111111111111", "123-45-6789", "jane.doe@example.com", "example.com", "doe", "ext 12", "1-800-FLOWERS", "\xff", "\xe4\xbd", "e", "\u0301", "🙂", "½", "①",
}

func pieced(r *rand.Rand, n int) []byte {
	var b strings.Builder
	for range r.IntN(n + 1) {
		b.WriteString(notePieces[r.IntN(len(notePieces))])
	}
	return []byte(b.String())
}

// spread puts signs between the characters of a value.
func spread(r *rand.Rand, value []byte) []byte {
	var b []byte
	for _, c := range value {
		b = append(b, c)
		if r.IntN(4) == 0 {
			b = append(b, "      "[:r.IntN(maxSeparators+3)]...)
		}
	}
	return b
}

// slowAndFast scrubs one text both ways.
type slowAndFast struct {
	context []mention
	fast    scrub
	scratch *scratch
}

// newSlowAndFast is for a region, with a column of each kind in the context.
func newSlowAndFast(t testing.TB, region string) *slowAndFast {
	t.Helper()
	p := testPlan(t, "region: "+region+"\n"+strings.TrimPrefix(scrubPolicy, "\n"))
	o := p.fields[len(p.fields)-1].operator.(text).rewriter.(scrub)
	return &slowAndFast{o.context, o, newScratch(p)}
}

func (b *slowAndFast) check(t *testing.T, values [][]byte, note []byte) {
	t.Helper()
	if len(note) == 0 {
		return
	}
	want := scrubSlowly(b.fast.set, b.context, values, note, b.scratch.canonical)
	found, err := b.fast.clean2(b.scratch, values, note)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(found, want) {
		t.Errorf("%q beside %q\ngot  %q\nwant %q", note, values, found, want)
	}
}

// clean2 is rewrite beside values that stand in no batch.
func (o *scrub) clean2(s *scratch, values [][]byte, note []byte) ([]byte, error) {
	s.around.frame = nil
	s.around.columns = s.around.columns[:0]
	for i, v := range values {
		s.around.columns = append(s.around.columns, aroundColumn{&o.context[i], &level{}, newTexts(stringsOf([]string{string(v)}))})
	}
	clear(s.searched)
	dst, changed, err := o.clean(s, 0, nil, note)
	if !changed {
		dst = note
	}
	return dst, err
}

// regions have country codes of every length, and plans that take digits off numbers, put some in or both.
var regions = []string{"US", "GB", "DE", "BR", "AR", "MX", "IT", "BS", "SM", "FI", "AU"}

func TestScrubSlowly(t *testing.T) {
	t.Parallel()
	for i, region := range regions {
		t.Run(region, func(t *testing.T) {
			t.Parallel()
			b := newSlowAndFast(t, region)
			r := rand.New(rand.NewPCG(uint64(i), 11))
			for range 1500 {
				values := make([][]byte, len(b.context))
				for i := range values {
					values[i] = pieced(r, 5)
				}
				note := pieced(r, 12)
				for range r.IntN(3) { // some that are mentioned
					value := values[r.IntN(len(values))]
					if r.IntN(3) == 0 {
						value = spread(r, value)
					}
					note = append(note, value...)
					note = append(note, pieced(r, 4)...)
				}
				b.check(t, values, note)
			}
		})
	}
}

func FuzzScrubSlowly(f *testing.F) {
	f.Add("Jane", "Doe-Smith", "+1 415 555 0132", "jane.doe@example.com", "4111", "C-7", "jane doe-smith rang from 4155550132, jane.doe@example.com c-7", uint8(0))
	f.Add("tel:+14155550132", "", "020 7946 0958", "x", "", "", "box 555 0132 y 442079460958", uint8(1))
	r := rand.New(rand.NewPCG(5, 12))
	for range 100 {
		piece := func(n int) string { return string(pieced(r, n)) }
		f.Add(piece(3), piece(3), piece(4), piece(4), piece(4), piece(3), piece(12), uint8(r.IntN(256)))
	}
	benches := make([]*slowAndFast, len(regions))
	for i, region := range regions {
		benches[i] = newSlowAndFast(f, region)
	}
	f.Fuzz(func(t *testing.T, first, last, phone, email, card, id, note string, region uint8) {
		var values [][]byte
		for _, v := range []string{first, last, phone, email, card, id} {
			values = append(values, []byte(v))
		}
		benches[int(region)%len(benches)].check(t, values, []byte(note))
	})
}

func FuzzFold(f *testing.F) {
	for _, p := range notePieces {
		f.Add("a " + p + "e" + p + " \u0301" + p)
	}
	f.Fuzz(func(t *testing.T, text string) { sameFold(t, []byte(text)) })
}

func TestFold(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 13))
	for range 20_000 {
		sameFold(t, pieced(r, 10))
	}
	for c := rune(1); c <= utf8.MaxRune; c++ {
		if c > 0x3400 && c%31 > 0 { // of the large scripts some
			continue
		}
		sameFold(t, []byte("xE"+string(c)+"e -"+string(c)+string(c)+"- 1"))
	}
}

func sameFold(t *testing.T, text []byte) {
	t.Helper()
	var got, want folded
	got.fold(text)
	foldSlowly(&want, text)
	if len(got.from) == 0 { // it lines up
		got.from = got.from[:0]
		for i := range len(text) + 1 {
			got.from = append(got.from, int32(i))
		}
	}
	if !bytes.Equal(got.bytes, want.bytes) || !slices.Equal(got.from, want.from) {
		t.Fatalf("%q\ngot  %q %v\nwant %q %v", text, got.bytes, got.from, want.bytes, want.from)
	}
}

// FuzzSeek holds the search in ASCII as it stands against that in what is folded.
func FuzzSeek(f *testing.F) {
	f.Add("Jane and JANET and jane", "Jane")
	f.Add("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aa")
	f.Add("+1+1+1 x+1+1", "+1+1")
	f.Fuzz(func(t *testing.T, text, value string) {
		if !ascii([]byte(text)) || !isPlain([]byte(value)) {
			return
		}
		var hay, needle folded
		hay.fold([]byte(text))
		needle.fold([]byte(value))
		s := search{text: []byte(text), tally: detect.Count([]byte(text))}
		got := s.plainWords(nil, []byte(value), redacted)
		if want := wordsSlowly(nil, &hay, needle.bytes, redacted); !slices.Equal(got, want) {
			t.Errorf("%q in %q\ngot  %v\nwant %v", value, text, got, want)
		}
	})
}

// TestAtSigns: what folds to an at sign has a byte that the tally counts.
func TestAtSigns(t *testing.T) {
	t.Parallel()
	for c := rune(0); c <= utf8.MaxRune; c++ {
		text := []byte(string(c))
		if bytes.ContainsRune(norm.NFKD.Bytes(text), '@') && detect.Count(text).Signs == 0 {
			t.Errorf("%U is an at sign", c)
		}
	}
}

// TestLabels: what is put in place of a passage adds nothing that a detector looks for.
func TestLabels(t *testing.T) {
	t.Parallel()
	for _, l := range sensitivity {
		if detect.Count([]byte(l)) != (detect.Tally{}) {
			t.Errorf("%s adds to the tally", l)
		}
	}
}

// FuzzPhoneTail: whatever a country's plan does with a number of digits and signs, its last two digits stay.
func FuzzPhoneTail(f *testing.F) {
	for i, n := range []string{"+14155550132", "020 7946 0958", "+44 (0)20 7946 0958", "0 11 15 2345 6789", "+54 9 11 2345-6789", "00", "+49 0 12", "242 365 1234", "0549 88 12 34"} {
		f.Add(n, uint8(i))
	}
	var canonical []*canonicaliser
	for _, region := range regions {
		canonical = append(canonical, newCanonicaliser(region))
	}
	f.Fuzz(func(t *testing.T, own string, region uint8) {
		s := search{}
		tail := string(s.tailOf(phoneMention, []byte(own)))
		if tail == "" {
			return
		}
		if d, ok := canonical[int(region)%len(canonical)].phone([]byte(own)); ok && !bytes.HasSuffix(d, []byte(tail)) {
			t.Errorf("%q in %s becomes %s, which does not end in %s", own, regions[int(region)%len(regions)], d, tail)
		}
	})
}
