package policy

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Quasi are the columns that tell a person together although none does alone, and how many rows of a tenant must be alike in
// them (k-anonymity, Sweeney 2002). It is judged on masked values.
type Quasi struct {
	Columns []string
	K       int
}

// Limits of quasi.
const (
	minK = 2
	maxK = 1_000_000
	// maxQuasi is the most columns: with more, nearly every row is alone.
	maxQuasi = 16
)

func (r *reader) quasi(dst **Quasi) setter {
	return func(n *yaml.Node) {
		q := &Quasi{}
		r.object(n, "quasi", map[string]setter{
			"columns": r.texts("quasi.columns", &q.Columns),
			"k":       r.integer("quasi.k", minK, maxK, &q.K),
		})
		if len(q.Columns) == 0 || len(q.Columns) > maxQuasi || q.K == 0 {
			r.fail(n, "quasi needs columns, 1 to %d, and k: quasi: {columns: [queueId, dateOfBirth], k: 5}", maxQuasi)
		}
		*dst = q
	}
}

func (r *reader) checkQuasi(p *Policy) {
	if p.Quasi == nil {
		return
	}
	line := p.lines["quasi"]
	for i, c := range p.Quasi.Columns {
		path, err := ParsePath(c)
		if err != nil {
			r.failAt(line, "quasi.columns %q: %v", c, err)
			continue
		}
		c = path.String()
		p.Quasi.Columns[i] = c
		switch f, ok := p.Field(c); {
		case slices.Contains(p.Key, c):
			r.failAt(line, "quasi.columns %q: no two rows have one key", c)
		case p.Tenant != nil && p.Tenant.Path == c:
			r.failAt(line, "quasi.columns %q: rows are looked at by tenant already", c)
		case ok && f.Treatment == (Drop{}):
			r.failAt(line, "quasi.columns %q: the column is dropped", c)
		default:
			r.column(p, line, "quasi.columns", c)
		}
	}
}

// text is the part as a difference shows it.
func (q *Quasi) text() (columns, k string) {
	if q == nil {
		return "", ""
	}
	return listText(q.Columns), strconv.Itoa(q.K)
}
