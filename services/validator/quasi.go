package validator

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/policy"
)

// Anonymity is how well rows hide in groups of equal values in the columns that the policy names under quasi, by tenant:
// k-anonymity (Sweeney, 2002). It is about masked values.
type Anonymity struct {
	Columns []string           `json:"columns"`
	K       int64              `json:"k"`
	Objects int                `json:"objects"` // of the run, whose rows are counted together
	Tenants []TenantsAnonymity `json:"tenants"`
}

// TenantsAnonymity is that of the rows of one tenant.
type TenantsAnonymity struct {
	Tenant   string `json:"tenant"`
	Rows     int64  `json:"rows"`
	Groups   int64  `json:"groups"`
	Smallest int64  `json:"smallest"` // rows of the smallest group
	Below    int64  `json:"below"`    // rows in groups of fewer than K
}

// groupID stands for the values of one group: 128 bit of SHA-256, without a key, so that those of two objects are
// comparable. Whoever can read them can read the masked values that they are made of.
type groupID [16]byte

// groups counts rows by group, for each tenant.
type groups map[string]map[groupID]int64

func (g groups) add(tenant string, id groupID, rows int64) {
	if g[tenant] == nil {
		g[tenant] = map[groupID]int64{}
	}
	g[tenant][id] += rows
}

func (g groups) and(other groups) {
	for tenant, ids := range other {
		for id, rows := range ids {
			g.add(tenant, id, rows)
		}
	}
}

// anonymity is what the groups say.
func (g groups) anonymity(q *policy.Quasi, objects int) *Anonymity {
	a := &Anonymity{Columns: q.Columns, K: int64(q.K), Objects: objects}
	for _, tenant := range slices.Sorted(maps.Keys(g)) {
		t := TenantsAnonymity{Tenant: tenant, Groups: int64(len(g[tenant]))}
		for _, rows := range g[tenant] {
			t.Rows += rows
			if t.Smallest == 0 || rows < t.Smallest {
				t.Smallest = rows
			}
			if rows < a.K {
				t.Below += rows
			}
		}
		a.Tenants = append(a.Tenants, t)
	}
	return a
}

// quasi is what is counted in one object.
type quasi struct {
	columns []int // by column of the policy's quasi; -1 when it is not there
	groups  groups
}

// group makes the ids of the rows of a batch, in order.
func (q *quasi) group(in arrow.RecordBatch) []groupID {
	if len(q.columns) == 0 {
		return nil
	}
	ids := make([]groupID, in.NumRows())
	var view scan
	var b []byte
	for row := range ids {
		b = b[:0]
		for _, at := range q.columns {
			if at < 0 {
				continue
			}
			text, ok, err := view.textAt(in.Column(at), row)
			if ok && err == nil {
				b = appendPart(append(b, 1), text)
			} else {
				b = append(b, 0)
			}
		}
		sum := sha256.Sum256(b)
		ids[row] = groupID(sum[:len(groupID{})])
	}
	return ids
}

// add counts the rows of a batch.
func (q *quasi) add(l *looked) {
	for row, id := range l.groups {
		tenant := ""
		if l.tenantOf != nil {
			tenant = l.names[l.tenantOf[row]]
		}
		q.groups.add(tenant, id, 1)
	}
}

// encode writes groups as they are stored: the tenants, each with its name, its number of groups, and id and rows of each
// in order.
func (g groups) encode() []byte {
	var b []byte
	b = binary.AppendUvarint(b, uint64(len(g)))
	for _, tenant := range slices.Sorted(maps.Keys(g)) {
		ids := slices.SortedFunc(maps.Keys(g[tenant]), func(a, b groupID) int { return cmp.Compare(string(a[:]), string(b[:])) })
		b = appendPart(b, []byte(tenant))
		b = binary.AppendUvarint(b, uint64(len(ids)))
		for _, id := range ids {
			b = binary.AppendUvarint(append(b, id[:]...), uint64(g[tenant][id]))
		}
	}
	return b
}

// decodeGroups reads what encode wrote; false for anything else.
func decodeGroups(b []byte) (groups, bool) {
	ok := true
	number := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			ok, b = false, nil
			return 0
		}
		b = b[n:]
		return v
	}
	take := func(n uint64) []byte {
		if n > uint64(len(b)) {
			ok, b = false, nil
			return nil
		}
		part := b[:n]
		b = b[n:]
		return part
	}
	g := groups{}
	for tenants := number(); ok && tenants > 0; tenants-- {
		tenant := string(take(number()))
		for n := number(); ok && n > 0; n-- {
			var id groupID
			copy(id[:], take(uint64(len(id))))
			if rows := number(); ok && rows > 0 && rows < 1<<62 {
				g.add(tenant, id, int64(rows))
			} else {
				ok = false
			}
		}
	}
	return g, ok && len(b) == 0
}
