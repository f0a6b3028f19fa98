package validator

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// rowID stands for the tenant and key of a row: 128 bit of two keyed hashes, so that the values need not be kept. Two
// rows share one by chance with a probability of n²/2^129, 10^-27 for a million rows.
type rowID [2]uint64

// keyHash makes row ids; it is made for one object.
type keyHash [2]maphash.Seed

func newKeyHash() *keyHash { return &keyHash{maphash.MakeSeed(), maphash.MakeSeed()} }

func (h *keyHash) id(b []byte) rowID { return rowID{maphash.Bytes(h[0], b), maphash.Bytes(h[1], b)} }

// keys is what was found in the columns of the key.
type keys struct {
	columns []int   // by part of the key; -1 when the column is not there
	empty   []int64 // rows without that part
	rows    int64   // rows with a whole key
	twice   int64   // those whose key another row has already; counted by finish
	// ids takes 16 to 20 bytes a row. By their first byte, so that no part of it is ever large enough to hurt when
	// it grows.
	ids [256][]rowID
}

func (k *keys) add(l *looked) {
	for i, n := range l.empty {
		k.empty[i] += n
	}
	k.rows += int64(len(l.ids))
	for _, id := range l.ids {
		part := &k.ids[byte(id[0])]
		*part = append(*part, id)
	}
}

// finish counts the keys that are there more than once, and forgets them.
func (k *keys) finish() {
	for i, ids := range k.ids {
		slices.SortFunc(ids, func(a, b rowID) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
		for j := 1; j < len(ids); j++ {
			if ids[j] == ids[j-1] {
				k.twice++
			}
		}
		k.ids[i] = nil
	}
}

// identify makes the ids of the rows that have a whole key.
func (l *looked) identify(in arrow.RecordBatch, columns []int, h *keyHash) {
	l.empty = make([]int64, len(columns))
	if len(columns) == 0 {
		return
	}
	l.ids = make([]rowID, 0, in.NumRows())
	views := make([]scan, len(columns))
	var b []byte
	for row := range int(in.NumRows()) {
		b = b[:0]
		if l.tenantOf != nil {
			b = appendPart(b, []byte(l.names[l.tenantOf[row]]))
		}
		whole := true
		for i, at := range columns {
			if at < 0 {
				whole = false
				continue
			}
			text, ok, err := views[i].textAt(in.Column(at), row)
			if err != nil || !ok || len(text) == 0 { // a nested cell has no text and so identifies nothing
				l.empty[i]++
				whole = false
			}
			b = appendPart(b, text)
		}
		if whole {
			l.ids = append(l.ids, h.id(b))
		}
	}
}

// appendPart appends the part behind its length, so that no two lists of parts are one.
func appendPart(dst, part []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(part))), part...)
}

// maxTenants is the most tenants that are told apart in one object.
const maxTenants = 10_000

// tenants counts rows by tenant.
type tenants struct {
	column int // -1 when the policy has none, or it is not there
	rows   map[string]int64
	beyond int64 // rows of tenants beyond maxTenants
}

func (t *tenants) add(l *looked) {
	counts := make([]int64, len(l.names))
	for _, n := range l.tenantOf {
		counts[n]++
	}
	for i, name := range l.names {
		if _, seen := t.rows[name]; !seen && len(t.rows) >= maxTenants {
			t.beyond += counts[i]
			continue
		}
		t.rows[name] += counts[i]
	}
}

// own numbers the tenants of the rows in order of appearance; null is the tenant "".
func (l *looked) own(in arrow.RecordBatch, column int) {
	if column < 0 {
		return
	}
	l.tenantOf = make([]int32, in.NumRows())
	var view scan
	numbers := map[string]int32{}
	for row := range l.tenantOf {
		text, ok, err := view.textAt(in.Column(column), row)
		if err != nil || !ok {
			text = nil
		}
		n, seen := numbers[string(text)]
		if !seen {
			n = int32(len(l.names))
			l.names = append(l.names, string(text))
			numbers[string(text)] = n
		}
		l.tenantOf[row] = n
	}
}
