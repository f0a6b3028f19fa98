package validator

import (
	"fmt"
	"hash/maphash"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
)

// Classes of what the rule integrity refuses.
const (
	ClassDistinct = "wrong-distinct-count" // two values have one token, or one value two
	ClassNulls    = "wrong-null-count"     //
	ClassLists    = "wrong-list-length"    //
	ClassCounts   = "missing-counts"       // the masker does not say what the rule needs
)

// space is a domain and scope in which equal values have equal tokens.
type space struct {
	domain string
	scope  policy.Scope
}

// spaces are the domains that the values of a column can be in: one, or of tokens of the format auto three.
type spaces struct {
	own, phone, mail int // in counting.spaces; -1 for none
}

// counting counts the tokens of an object by domain, and by row group of it. look runs in several goroutines, add in one.
type counting struct {
	spaces []space
	of     []spaces // by leaf
	seed   maphash.Seed
	groups []int64 // rows of each row group

	group    int // that the next batch is of
	left     int64
	distinct []sketch.Distinct // of the row group, by space
	exact    [][]int64         // by space and row group
	estimate []sketch.Estimate // by space
}

func newCounting(all []leaf) *counting {
	c := &counting{seed: maphash.MakeSeed(), group: -1}
	for i := range all {
		c.of = append(c.of, c.spacesOf(all[i].node))
	}
	c.distinct, c.estimate = make([]sketch.Distinct, len(c.spaces)), make([]sketch.Estimate, len(c.spaces))
	c.exact = make([][]int64, len(c.spaces))
	return c
}

// spacesOf are the domains of a node, which has one treatment: of several it cannot be said which made a value.
func (c *counting) spacesOf(n *policy.Node) spaces {
	none := spaces{-1, -1, -1}
	if n == nil || len(n.Fields) != 1 {
		return none
	}
	switch t := n.Fields[0].Treatment.(type) {
	case policy.Token:
		s := spaces{c.space(t.Domain, t.Scope), -1, -1}
		if t.Format == policy.Auto {
			s.phone, s.mail = c.space(policy.PhoneDomain, t.Scope), c.space(policy.EmailDomain, t.Scope)
		}
		return s
	case policy.FPE:
		return spaces{c.space(t.Domain, t.Scope), -1, -1}
	}
	return none
}

func (c *counting) space(domain string, scope policy.Scope) int {
	s := space{domain, scope}
	if i := slices.Index(c.spaces, s); i >= 0 {
		return i
	}
	c.spaces = append(c.spaces, s)
	return len(c.spaces) - 1
}

// look returns the tokens of a batch by domain, as sums of token and tenant.
func (c *counting) look(l *looked, places []*place, in arrow.RecordBatch) [][]uint64 {
	sums := make([][]uint64, len(c.spaces))
	owners := make([]uint64, len(l.names))
	for i, name := range l.names {
		owners[i] = maphash.String(c.seed, name)
	}
	owner := func(row int) uint64 {
		if l.tenantOf == nil {
			return 0
		}
		return owners[l.tenantOf[row]]
	}
	for i, at := range places {
		c.place(sums, at, in.Column(i), owner)
	}
	return sums
}

// place takes a column apart. owner tells the tenant of each of the array's slots.
func (c *counting) place(sums [][]uint64, at *place, a arrow.Array, owner func(int) uint64) {
	if list, ok := a.(*array.List); ok {
		var of []int32
		var first int64
		for slot := range list.Len() {
			from, to := list.ValueOffsets(slot)
			if slot == 0 {
				first = from
			}
			for range to - from {
				of = append(of, int32(slot))
			}
		}
		inner := array.NewSlice(list.ListValues(), first, first+int64(len(of)))
		defer inner.Release()
		c.place(sums, at, inner, func(slot int) uint64 { return owner(int(of[slot])) })
		return
	}
	if at.leaf < 0 {
		object := a.(*array.Struct)
		for i, m := range at.members {
			c.place(sums, m, object.Field(i), owner)
		}
		return
	}
	of := c.of[at.leaf]
	texts, ok := a.(*array.String)
	if of.own < 0 || !ok {
		return
	}
	for slot := range texts.Len() {
		if texts.IsNull(slot) {
			continue
		}
		token := texts.Value(slot)
		if token == "" {
			continue
		}
		to := of.own
		switch {
		case of.phone >= 0 && isPhoneToken([]byte(token)):
			to = of.phone
		case of.mail >= 0 && len(token) > len(tokenDomain) && token[len(token)-len(tokenDomain):] == tokenDomain:
			to = of.mail
		}
		sum := maphash.String(c.seed, token)
		if c.spaces[to].scope == policy.TenantScope {
			sum = sketch.Mix(sum, owner(slot))
		}
		sums[to] = append(sums[to], sum)
	}
}

// add adds the tokens of a batch of so many rows. Batches come in the order of the file, and none is of two row groups.
func (c *counting) add(sums [][]uint64, rows int64) {
	for c.left == 0 && c.group < len(c.groups) {
		c.end()
	}
	c.left -= rows
	for i, some := range sums {
		for _, sum := range some {
			c.distinct[i].Add(sum, 0)
		}
	}
}

// end ends a row group and begins the next that has rows.
func (c *counting) end() {
	if c.group >= 0 {
		for i := range c.distinct {
			c.distinct[i].End()
			c.exact[i] = append(c.exact[i], c.distinct[i].Len())
			c.distinct[i].Into(&c.estimate[i])
			c.distinct[i].Reset()
		}
	}
	if c.group++; c.group < len(c.groups) {
		c.left = c.groups[c.group]
	}
}

// finish ends the last row group.
func (c *counting) finish() {
	for c.group < len(c.groups) {
		c.end()
	}
}

// tolerance is how far two estimates of one number may be apart: six times the standard error of their difference.
func tolerance(n int64) int64 {
	return int64(6*math.Sqrt2*sketch.EstimateError*float64(n)) + 6
}

// checkIntegrity wants as many tokens as the masker saw values, and nothing lost or added on the way.
func checkIntegrity(e *evidence) (string, []Finding) {
	m, c := e.attested, e.cells.counting
	var found []Finding
	wrong := func(class, field string, count int64, format string, a ...any) {
		found = append(found, Finding{Class: class, Field: field, Count: count, Detail: fmt.Sprintf(format, a...)})
	}
	for i, s := range c.spaces {
		at := slices.IndexFunc(m.Domains, func(d attest.Domain) bool { return d.Domain == s.domain && d.Scope == string(s.scope) })
		if at < 0 {
			wrong(ClassCounts, "", 0, "the masker counts no values of domain %q in scope %s: mask the object again", s.domain, s.scope)
			continue
		}
		d := m.Domains[at]
		if len(d.Distinct) != len(c.exact[i]) {
			wrong(ClassCounts, "", 0, "the masker counts domain %q in %s, the object has %d", s.domain, plural(int64(len(d.Distinct)), "row group"), len(c.exact[i]))
			continue
		}
		var off int64
		groups := 0
		for n, want := range d.Distinct {
			if diff := max(want, c.exact[i][n]) - min(want, c.exact[i][n]); diff > 0 {
				off += diff
				groups++
			}
		}
		if off > 0 {
			wrong(ClassDistinct, "", off, "domain %q in scope %s has other numbers of tokens than the masker has of values, in %s: a collision, or a value with two tokens",
				s.domain, s.scope, plural(int64(groups), "row group"))
		}
		if got := c.estimate[i].Count(); max(got, d.Estimate)-min(got, d.Estimate) > tolerance(max(got, d.Estimate)) {
			wrong(ClassDistinct, "", 0, "domain %q in scope %s has about %d tokens in the whole object, the masker about %d values", s.domain, s.scope, got, d.Estimate)
		}
	}
	for _, d := range m.Domains {
		if !slices.Contains(c.spaces, space{d.Domain, policy.Scope(d.Scope)}) {
			wrong(ClassCounts, "", 0, "the masker counts values of domain %q in scope %s, which the object does not have", d.Domain, d.Scope)
		}
	}
	for i, at := range e.cells.columns {
		if i < len(m.Columns) {
			e.counts(at, m.Columns[i], wrong)
		}
	}
	return fmt.Sprintf("%s, %s", plural(int64(len(c.spaces)), "token domain"), plural(int64(len(c.groups)), "row group")), found
}

// counts holds nulls and lengths of lists against the masker's, at a place of the schema and all places in it.
func (e *evidence) counts(at *place, a attest.Column, wrong func(class, field string, count int64, format string, a ...any)) {
	if at.leaf < 0 {
		for i, m := range at.members {
			if i < len(a.Members) { // the rule schema wants them to be the same
				e.counts(m, a.Members[i], wrong)
			}
		}
		return
	}
	l, shape := &e.cells.all[at.leaf], e.cells.shapes[at.leaf]
	if l.node == nil || !l.masked() {
		return
	}
	if a.Nulls == nil || shape.lists && a.Elements == nil {
		wrong(ClassCounts, l.path, 0, "the masker does not say how many values of the field are null, and how many there are: mask the object again")
		return
	}
	if *a.Nulls != shape.nulls {
		wrong(ClassNulls, l.path, max(*a.Nulls, shape.nulls)-min(*a.Nulls, shape.nulls), "%s, the masker attests %d", plural(shape.nulls, "null"), *a.Nulls)
	}
	if shape.lists && *a.Elements != shape.elements {
		wrong(ClassLists, l.path, max(*a.Elements, shape.elements)-min(*a.Elements, shape.elements), "%s in the lists, the masker attests %d", plural(shape.elements, "element"), *a.Elements)
	}
}

// leafShape is how many slots a leaf has, and how many of them are empty.
type leafShape struct {
	lists           bool // the slots are elements of lists
	elements, nulls int64
}

func (s *leafShape) and(t leafShape) {
	s.lists = s.lists || t.lists
	s.elements += t.elements
	s.nulls += t.nulls
}
