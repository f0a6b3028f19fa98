package masker

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"github.com/maskrail/maskrail/libs/policy"
)

// rowID stands for the (tenant, key) of a row: 128 bit of a keyed hash, so that the values themselves need not be
// kept. Two rows share one by chance with a probability of n²/2^129, 10^-21 for a billion rows.
type rowID [16]byte

// rowHash makes row ids. Its key is made for one object and forgotten with it.
type rowHash struct {
	key [sha256.BlockSize / 2]byte
}

func newRowHash() *rowHash {
	h := &rowHash{}
	_, _ = rand.Read(h.key[:]) // never fails, see crypto/rand
	return h
}

// ids computes the id of every row. Where the key is tokenised it is the canonical form that counts: two ways to write
// one value are one token, and so one row in the sandbox.
func (h *rowHash) ids(s *scratch, f *frame, p *Plan) ([]rowID, error) {
	ids := make([]rowID, f.records.slots)
	views := make([]*texts, len(p.key))
	tokens := make([]*policy.Token, len(p.key))
	for i, field := range p.key {
		views[i] = f.columns[field].texts()
		if t, ok := p.fields[field].Treatment.(policy.Token); ok {
			tokens[i] = &t
		}
	}
	for row := range f.records.slots {
		if f.rejected[row] != nil {
			continue
		}
		b := append(s.row[:0], h.key[:]...)
		b = appendPart(b, []byte(f.tenants[f.tenantOf[row]]))
		whole := true
		for i, view := range views {
			value, ok, err := view.at(row)
			if err != nil {
				return nil, err
			}
			if !ok || len(value) == 0 {
				bad := faultf(ClassNullKey, p.policy.Key[i], row, "the key is empty: every row needs one")
				if err := f.columns[p.key[i]].fail(row, bad); err != nil {
					return nil, err
				}
				whole = false
				break
			}
			if tokens[i] != nil {
				s.form = s.canonical.token(s.form[:0], *tokens[i], value)
				value = s.form
			}
			b = appendPart(b, value)
		}
		s.row = b
		if !whole {
			continue
		}
		sum := sha256.Sum256(b)
		copy(ids[row][:], sum[:])
	}
	return ids, nil
}

// appendPart appends the part behind its length, so that no two lists of parts are one.
func appendPart(dst, part []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(len(part)))
	return append(dst, part...)
}

// rowSet is a set of row ids: open addressing in shards that grow one by one, so that memory is 21 to 43 bytes a row
// and never twice the whole.
type rowSet struct {
	shards [256]shard
}

type shard struct {
	slots []rowID // the zero id means empty
	used  int
}

// add reports whether the id is new.
func (s *rowSet) add(id rowID) bool {
	if id == (rowID{}) {
		id[15] = 1
	}
	return s.shards[id[0]].add(id)
}

func (s *shard) add(id rowID) bool {
	if 4*(s.used+1) > 3*len(s.slots) {
		s.grow()
	}
	at := s.place(id)
	if s.slots[at] == id {
		return false
	}
	s.slots[at] = id
	s.used++
	return true
}

// place is where the id is or belongs.
func (s *shard) place(id rowID) int {
	mask := len(s.slots) - 1
	at := int(binary.LittleEndian.Uint32(id[1:])) & mask
	for s.slots[at] != (rowID{}) && s.slots[at] != id {
		at = (at + 1) & mask
	}
	return at
}

func (s *shard) grow() {
	old := s.slots
	s.slots = make([]rowID, max(64, 2*len(old)))
	for _, id := range old {
		if id != (rowID{}) {
			s.slots[s.place(id)] = id
		}
	}
}
