package validator

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
)

const benchRows = 200_000

// BenchmarkValidate is a whole validation of one object, from the bucket to the signed verdict.
func BenchmarkValidate(b *testing.B) {
	w := setup(b)
	o := w.good()
	o.rows = nil
	for i := range benchRows {
		row := sample(i, "acme")
		row[o.at("name")] = fmt.Sprintf("User_%026s", letters(i))
		row[o.at("email")] = fmt.Sprintf("%026s@masked.invalid", letters(i))
		row[o.at("notes")] = fmt.Sprintf("caller asked about order 10%07d and was sent to queue %d, follow-up at [PHONE]", i, i%97)
		o.rows = append(o.rows, row)
	}
	for _, row := range o.rows {
		for _, c := range []string{"name", "email"} {
			row[o.at(c)] = zeros(row[o.at(c)].(string))
		}
	}
	o.count()
	in := w.put(o)
	verdict := blob.Location{Bucket: masked, Key: verdictKey(in)}
	b.SetBytes(in.Object.Bytes)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.validate(b.Context(), in); err != nil {
			b.Fatal(err)
		}
		if err := w.store.Delete(b.Context(), verdict); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
}

// letters writes a number in base 26.
func letters(n int) (s string) {
	for ; n > 0; n /= 26 {
		s = string(rune('a'+n%26)) + s
	}
	return s
}

// zeros makes padding a letter of the alphabet of tokens.
func zeros(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c == '0' || c == ' ' {
			b[i] = 'a'
		}
	}
	return string(b)
}

// TestKeysOfAMillionRowsFitIntoMemory bounds what the keys take.
func TestKeysOfAMillionRowsFitIntoMemory(t *testing.T) {
	const rows, limit = 1_000_000, 32 << 20
	var k keys
	h := newKeyHash()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ids := make([]rowID, 1000)
	for from := 0; from < rows; from += len(ids) {
		for i := range ids {
			ids[i] = h.id(fmt.Append(nil, from+i))
		}
		k.add(&looked{ids: ids})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if took := int64(after.HeapAlloc) - int64(before.HeapAlloc); took > limit {
		t.Errorf("the keys of %d rows take %d bytes, want at most %d", rows, took, limit)
	} else {
		t.Logf("%.1f bytes a row", float64(took)/rows)
	}
	k.add(&looked{ids: ids})
	if k.finish(); k.rows != rows+int64(len(ids)) || k.twice != int64(len(ids)) {
		t.Errorf("%d keys, %d twice", k.rows, k.twice)
	}
}
