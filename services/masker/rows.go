package masker

import (
	"crypto/rand"
	"encoding/binary"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/siphash"
	"github.com/maskrail/maskrail/services/masker/internal/rowset"
)

// rowHash makes the ids of rows: 128 bit of a keyed hash of tenant and key, so that the values themselves need not be
// kept. Two rows share one by chance with a probability of n²/2^129, 10^-21 for a billion rows, and nobody can make rows
// that do: the hash's key is made for one object and forgotten with it.
type rowHash struct {
	start siphash.State
}

func newRowHash() *rowHash {
	var key [16]byte
	_, _ = rand.Read(key[:]) // never fails, see crypto/rand
	return &rowHash{siphash.New(binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:]))}
}

// newRowSet is an empty set of row ids, about so many, which takes to dir when they are many.
func newRowSet(rows int64, dir string) *rowset.Set {
	return rowset.New(int(rows), func() (rowset.File, error) { return newNameless(dir, "maskrail-rows-*") })
}

// ids computes the id of every row that is not rejected; the others have none.
func (h *rowHash) ids(s *scratch, f *frame, p *Plan) ([]rowset.ID, error) {
	ids := make([]rowset.ID, f.records.slots)
	owners := make([]siphash.State, len(f.tenants))
	for i, tenant := range f.tenants {
		owners[i] = h.start
		owners[i].Part([]byte(tenant))
	}
	parts := make([]keyPart, len(p.key))
	for i, field := range p.key {
		parts[i].texts = f.columns[field].texts()
		if t, ok := p.fields[field].Treatment.(policy.Token); ok {
			parts[i].token = &t
		}
	}
rows:
	for row := range ids {
		if len(f.rejected) > 0 && f.rejected[row] != nil {
			continue
		}
		state := owners[f.tenantOf[row]]
		var value []byte
		for i := range parts {
			if i > 0 {
				state.Part(value)
			}
			var ok bool
			var err error
			if value, ok, err = parts[i].at(s, row); err != nil {
				return nil, err
			}
			if !ok {
				bad := faultf(ClassNullKey, p.policy.Key[i], row, "the key is empty: every row needs one")
				if err := f.columns[p.key[i]].fail(row, bad); err != nil {
					return nil, err
				}
				continue rows
			}
		}
		id := &ids[row]
		if id.Hi, id.Lo = state.Sum(value); *id == (rowset.ID{}) {
			id.Lo = 1 // the zero ID is none
		}
	}
	return ids, nil
}

// keyPart is one of the columns that are the key.
type keyPart struct {
	*texts
	token *policy.Token // nil where the key is kept
}

// at is the part of a row's key, false when it is null or empty. Where the key is tokenised it is the canonical form that
// counts: two ways to write one value are one token, and so one row in the sandbox. The bytes are valid until the next call.
func (k *keyPart) at(s *scratch, row int) ([]byte, bool, error) {
	value, ok, err := k.texts.at(row)
	if !ok || err != nil || len(value) == 0 {
		return nil, false, err
	}
	if k.token != nil {
		s.form = s.canonical.token(s.form[:0], *k.token, value)
		value = s.form
	}
	return value, true, nil
}

// appendPart appends the part behind its length, so that no two lists of parts are one.
func appendPart(dst, part []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(len(part)))
	return append(dst, part...)
}
