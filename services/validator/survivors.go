package validator

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
)

// survivorsRule is the name of the rule, also in verdicts of earlier versions.
const survivorsRule = "survivors"

// ClassSurvivor is for a raw value that is still there.
const ClassSurvivor = "survivor"

const (
	// maxChance is how many hits by chance alone are accepted to be expected in one object where one hit is proof.
	maxChance = 1e-4
	// maxTail is the probability with which chance makes as many hits as are proof of a kind in a column, elsewhere.
	maxTail = 1e-6
	// manyHits is from how many hits by chance on the probability is not computed any more: numbers are not spread as evenly
	// as it takes them to be.
	manyHits = 1.0
	// maxDistinct is more different hits than are proof of anything below manyHits.
	maxDistinct = 16
)

// remains is what of the sketch was found in one column.
type remains struct {
	tried    [sketch.Kinds]int64         // candidates by kind
	hits     [sketch.Kinds]int64         // those that are in the sketch
	distinct [sketch.Kinds][]sketch.Hash // the first maxDistinct different ones
}

func (s *remains) and(t *remains) {
	for k := range s.tried {
		s.tried[k] += t.tried[k]
		s.hits[k] += t.hits[k]
		for _, h := range t.distinct[k] {
			s.note(h)
		}
	}
}

// note notes a hit: a number that chance made equal to a raw one may stand in many rows.
func (s *remains) note(h sketch.Hash) {
	known := &s.distinct[h.Kind()]
	if len(*known) < maxDistinct && !slices.Contains(*known, h) {
		*known = append(*known, h)
	}
}

// survive looks for raw values in a batch, and at the shape of its columns.
func (l *looked) survive(ctx context.Context, c *cells, in arrow.RecordBatch) error {
	var try *candidates
	if c.wanted != nil {
		try = newCandidates(c.wanted)
	}
	for i, at := range c.columns {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := l.leaves(try, at, in.Column(i), false); err != nil {
			return err
		}
	}
	return nil
}

// leaves goes down to the leaves in an array. Nobody looks for raw values where try is nil.
func (l *looked) leaves(try *candidates, at *place, a arrow.Array, inList bool) error {
	if list, ok := a.(*array.List); ok {
		var from, to int64
		if n := list.Len(); n > 0 {
			from, _ = list.ValueOffsets(0)
			_, to = list.ValueOffsets(n - 1)
		}
		inner := array.NewSlice(list.ListValues(), from, to)
		defer inner.Release()
		return l.leaves(try, at, inner, true)
	}
	if at.leaf < 0 {
		object := a.(*array.Struct)
		for i, m := range at.members {
			if err := l.leaves(try, m, object.Field(i), inList); err != nil {
				return err
			}
		}
		return nil
	}
	l.shapes[at.leaf].and(leafShape{inList, int64(a.Len()), int64(a.NullN())})
	if try == nil {
		return nil
	}
	if err := try.array(a); err != nil {
		return err
	}
	left, err := try.result()
	l.left[at.leaf].and(&left)
	return err
}

// array tries every cell of an array, however deep it lies.
func (c *candidates) array(a arrow.Array) error {
	switch t := a.DataType(); kindOf(t) {
	case textKind:
		return c.cells(a, c.text)
	case numberKind:
		return c.integers(a)
	case nestedKind:
		switch a := a.(type) {
		case *array.Map:
			if err := c.array(a.Keys()); err != nil {
				return err
			}
			return c.array(a.Items())
		case array.ListLike:
			return c.array(a.ListValues())
		case *array.Struct:
			for i := range a.NumField() {
				if err := c.array(a.Field(i)); err != nil {
					return err
				}
			}
		}
	}
	return nil // the detectors' rule refuses what has no text
}

// cells calls look with the text of every cell.
func (c *candidates) cells(a arrow.Array, look func([]byte)) error {
	if texts, ok := a.(*array.String); ok {
		whole, offsets := texts.ValueBytes(), texts.ValueOffsets()
		for row := range a.Len() {
			if a.IsValid(row) {
				look(whole[offsets[row]-offsets[0] : offsets[row+1]-offsets[0]])
			}
		}
		return c.err
	}
	var buf []byte
	for row := range a.Len() {
		text, ok, err := columnar.AppendText(buf[:0], a, row)
		if ok && err == nil {
			look(text)
		}
		buf = text
	}
	return c.err
}

// integers tries numbers that are whole.
func (c *candidates) integers(a arrow.Array) error {
	if !c.number {
		return nil
	}
	look := func(text []byte) {
		text = wholeDigits(text)
		if len(text) >= sketch.MinLength {
			c.tryNumber(text)
		}
	}
	ints, ok := a.(*array.Int64)
	if !ok {
		return c.cells(a, look)
	}
	least := int64(math.Pow10(sketch.MinLength - 1))
	var buf []byte
	for row, v := range ints.Int64Values() {
		if (v >= least || v <= -least) && ints.IsValid(row) && c.anyOf(v) {
			buf, _, _ = columnar.AppendText(buf[:0], a, row)
			look(buf)
		}
	}
	return c.err
}

// anyOf reports that there are numbers with as many digits as v, or as many and a calling code.
func (c *candidates) anyOf(v int64) bool {
	n := int(math.Log10(math.Abs(float64(v)))+1e-12) + 1
	for _, digits := range []int{n - 1, n, n + 1, n + len(c.home)} { // a logarithm may be one off
		if kind, ok := sketch.Number(digits); ok && c.kinds[kind] {
			return true
		}
	}
	return false
}

// wholeDigits is the digits of a whole number, nothing for others.
func wholeDigits(text []byte) []byte {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(string(text), "-"), ".")
	if strings.Trim(fraction, "0") != "" || !consists([]byte(whole), isDigit) {
		return nil
	}
	return []byte(whole)
}

// checkSurvivors wants no value in the object that the sketch has.
func checkSurvivors(e *evidence) (string, []Finding) {
	if e.sketch == nil {
		if detail, ok := e.earlierCheck(survivorsRule); ok && e.sketchGone {
			return detail, nil
		}
		return "", []Finding{{Class: ClassSurvivor, Detail: e.sketchDoubt}}
	}
	var found []Finding
	var tried, dense int64
	for _, s := range e.cells.survivors {
		for _, n := range s.tried {
			tried += n
		}
	}
	for _, l := range e.likely() {
		if l.leaf.mayHold(l.kind) {
			continue
		}
		if !l.strict {
			dense++
		}
		if !l.proof() {
			continue
		}
		found = append(found, Finding{Class: ClassSurvivor, Field: l.leaf.path, Count: l.hits,
			Detail: fmt.Sprintf("%s of the raw object, which its policy takes out: correct the treatment of the field", plural(l.hits, l.kind.String()))})
	}
	detail := plural(tried, "candidate")
	if dense > 0 {
		detail += fmt.Sprintf("; %s with too many short numbers for a single one to prove anything", plural(dense, "column"))
	}
	return detail, found
}

// likely is what was found of one kind in one column, and what chance explains of it.
type likely struct {
	leaf     *leaf
	kind     sketch.Kind
	hits     int64
	distinct int     // different values among them, up to maxDistinct
	chance   float64 // hits that are expected of values that have nothing to do with those of the raw object
	strict   bool    // so few that one hit is proof
}

// proof reports more hits than chance explains: of few expected ones, as many different values as occur once in a million
// objects (Poisson); of more, ten times as many.
func (l likely) proof() bool {
	switch {
	case l.hits == 0 || l.strict:
		return l.hits > 0
	case l.chance >= manyHits:
		return float64(l.hits) > 10*l.chance+10
	}
	tail := 1.0
	for n := range l.distinct {
		tail *= l.chance / float64(n+1)
	}
	return tail < maxTail
}

// likely lists what was tried. Of m numbers of n digits, and k raw ones, m·k/(9·10^(n-1)) are expected to be equal by
// chance. The columns and kinds with the least of it are judged by a single hit, for as long as all together expect less
// than maxChance; the others when they have more than chance explains.
func (e *evidence) likely() []likely {
	var all []likely
	for i := range e.cells.survivors {
		s := &e.cells.survivors[i]
		for k := range sketch.Kind(sketch.Kinds) {
			if s.tried[k] == 0 {
				continue
			}
			l := likely{leaf: &e.cells.all[i], kind: k, hits: s.hits[k], distinct: len(s.distinct[k])}
			pairs := float64(s.tried[k]) * float64(e.sketch.Count(k))
			if n := k.Digits(); n > 0 {
				l.chance = pairs / (9 * math.Pow10(n-1))
			} else if n := l.leaf.permuted(); n > 0 && k == sketch.Word {
				l.chance = pairs / n
			}
			l.chance += pairs * 0x1p-60
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b likely) int { return cmp.Compare(a.chance, b.chance) })
	sum := 0.0
	for i := range all {
		sum += all[i].chance
		all[i].strict = sum < maxChance
	}
	return all
}

// proves reports that one hit of a kind in a column is proof.
func (e *evidence) proves(at int, k sketch.Kind) bool {
	if e.lax == nil {
		e.lax = map[lax]bool{}
		for _, l := range e.likely() {
			if !l.strict {
				e.lax[lax{l.leaf, l.kind}] = true
			}
		}
	}
	return !e.lax[lax{&e.cells.all[at], k}]
}

// lax is a kind in a column of which chance explains single hits.
type lax struct {
	*leaf
	sketch.Kind
}

// permuted is about how many different ids of the fewest characters there are where a treatment makes ids of ids, so that
// that of one may be another's; 0 for none. A domain has a million texts at least (NIST SP 800-38G).
func (l *leaf) permuted() (ids float64) {
	if l.node == nil {
		return 0
	}
	for _, f := range l.node.Fields {
		for t := range f.Treatments() {
			if t, ok := t.(policy.FPE); ok {
				letters := []rune(strings.ToLower(t.Alphabet))
				slices.Sort(letters)
				n := max(math.Pow(float64(len(slices.Compact(letters))), sketch.MinLength), 1e6)
				if ids == 0 || n < ids {
					ids = n
				}
			}
		}
	}
	return ids
}

// mayHold reports that values of a kind may be in the column: names that were invented and may be like real ones, and
// what the policy expects, such as the organisation's own lines.
func (l *leaf) mayHold(k sketch.Kind) bool {
	if l.node == nil {
		return false
	}
	return slices.ContainsFunc(l.node.Fields, func(f policy.Field) bool {
		if _, fake := f.Treatment.(policy.Fake); fake && k == sketch.Name {
			return true
		}
		return f.Expect != nil && slices.ContainsFunc(f.Expect.Classes, func(class string) bool {
			switch class {
			case "email":
				return k == sketch.Mail
			case "name":
				return k == sketch.Name
			default:
				return k.Digits() > 0
			}
		})
	})
}

// earlierCheck is what an earlier verdict on these bytes says of a check that passed.
func (e *evidence) earlierCheck(name string) (detail string, ok bool) {
	if e.earlier == nil {
		return "", false
	}
	i := slices.IndexFunc(e.earlier.Checks, func(c attest.Check) bool { return c.Name == name })
	if i < 0 || !e.earlier.Checks[i].Passed {
		return "", false
	}
	if detail = e.earlier.Checks[i].Detail; e.earlier.Rules != Rules {
		detail += "; by rules " + e.earlier.Rules + ", with whose verdict the sketch was deleted"
	}
	return detail, true
}

// survivor looks for raw values in what is beside the cells: names, metadata, statistics, dictionaries. at is the number of
// the leaf, -1 for none.
func (m *metadata) survivor(at int, where string, text []byte) {
	if m.e.wanted == nil {
		return
	}
	if m.try == nil {
		m.try = newCandidates(m.e.wanted)
	}
	m.try.text(text)
	left, err := m.try.result()
	if err != nil {
		m.broken = err
		return
	}
	for k, hits := range left.hits {
		kind := sketch.Kind(k)
		if hits == 0 {
			continue
		}
		shown := ""
		if at >= 0 {
			l := &m.e.cells.all[at]
			if shown = l.path; l.mayHold(kind) || m.e.cells.survivors[at].hits[k] > 0 || !m.e.proves(at, kind) {
				continue // or the cells tell
			}
		}
		m.add(Finding{Class: ClassSurvivor, Field: shown, Detail: kind.String() + " of the raw object in " + where})
	}
}
