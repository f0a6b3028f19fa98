package policy

import (
	"maps"
	"math"
	"slices"
)

// sight is what a treatment leaves to be seen of a value, each part with a measure of how much.
type sight map[string]int64

// sightOf is nil for the treatments that show as much as the values themselves are: text, maps, JSON, keep.
func sightOf(t Treatment) sight {
	switch t := t.(type) {
	case Drop, Null, Redact:
		return sight{}
	case Mask:
		return sight{"first": int64(t.First), "last": int64(t.Last), "length": 1}
	case Card:
		s := sight{"length": 1}
		switch t.Keep {
		case KeepLast4:
			s["last"] = 4
		case KeepFirst6Last:
			s["first"], s["last"] = 6, 4
		}
		return s
	case Token:
		s := sight{"equal": among(t.Scope)}
		switch t.Format {
		case CardNumber, Digits:
			s["length"] = 1
		case Auto:
			s["kind"] = 1
		}
		return s
	case FPE:
		return sight{"equal": among(t.Scope), "length": 1, "signs": 1}
	case Fake:
		return sight{"equal": among(t.Scope)}
	case Date:
		units := []Unit{"", Year, Month, Day}
		return sight{"date": int64(slices.Index(units, t.Truncate)), "old": math.MaxInt32 - int64(t.Earliest)}
	case Shift:
		return sight{"interval": 1, "about": math.MaxInt32 - int64(t.Max)}
	case Bucket:
		s := sight{"fine": math.MaxInt64 - t.Width, "high": math.MaxInt64}
		if t.Top != nil {
			s["high"] = *t.Top
		}
		return s
	case Zip3:
		return sight{"zip": 1}
	}
	return nil
}

// among is how many rows equal values are seen to be equal in.
func among(s Scope) int64 {
	if s == EnvironmentScope {
		return 2
	}
	return 1
}

// within reports that all that s shows is shown by o as well.
func (s sight) within(o sight) bool {
	for part, much := range s {
		switch seen, ok := o[part]; {
		case ok && much > seen, !ok && much != 0:
			return false
		}
	}
	return true
}

// exposes reports that to may show what from does not. It is false only where that is certain.
func exposes(from, to Treatment) bool {
	if _, all := from.(Keep); all {
		return false
	}
	seen := sightOf(to)
	if seen != nil {
		if before := sightOf(from); before != nil {
			return !seen.within(before)
		}
		return len(seen) > 0 // of a text, what is cut out of it is not seen in any part
	}
	switch to := to.(type) {
	case Scrub:
		f, ok := from.(Scrub)
		return !ok || !includes(to.Detect, f.Detect) || !includesRefs(to.Context, f.Context)
	case Map:
		f, ok := from.(Map)
		return !ok || exposesMap(f, to)
	case JSON:
		f, ok := from.(JSON)
		return !ok || exposesJSON(f, to)
	}
	return true
}

func includesRefs(all, some []Reference) bool {
	return !slices.ContainsFunc(some, func(r Reference) bool { return !slices.Contains(all, r) })
}

// exposesMap compares every key that one of the two names, and the others.
func exposesMap(from, to Map) bool {
	before, after := from.keys(), to.keys()
	names := slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
	for _, key := range names {
		old, ok := before[key]
		if !ok {
			old = []Field{{Treatment: from.Default}}
		}
		now, ok := after[key]
		if !ok {
			now = []Field{{Treatment: to.Default}}
		}
		if exposesGroup(old, now) {
			return true
		}
	}
	return exposes(from.Default, to.Default)
}

func (t Map) keys() map[string][]Field {
	out := byPath(t.Fields)
	for _, key := range t.Keep {
		out[key] = []Field{{Treatment: Keep{}}}
	}
	return out
}

// exposesJSON compares every path that one of the two names. What it does not name is in no output.
func exposesJSON(from, to JSON) bool {
	before := byPath(from.Fields)
	for path, now := range byPath(to.Fields) {
		old, ok := before[path]
		if !ok {
			old = []Field{{Treatment: Drop{}}}
		}
		if exposesGroup(old, now) {
			return true
		}
	}
	return false
}

// exposesGroup compares the treatments of one path.
func exposesGroup(from, to []Field) bool {
	if sameConditions(from, to) {
		for i := range to {
			if exposes(from[i].Treatment, to[i].Treatment) {
				return true
			}
		}
		return false
	}
	for _, f := range from {
		for _, t := range to {
			if exposes(f.Treatment, t.Treatment) {
				return true
			}
		}
	}
	return false
}

// identity is how a treatment writes equal values as equal ones: two identities write one value in two ways. It is empty
// for treatments whose output nobody joins by.
func identity(t Treatment) string {
	switch t.(type) {
	case Keep, Token, FPE, Fake:
		return Describe(t)
	}
	return ""
}

// breaks reports that a value by which rows were joined is written in another way, or no more.
func breaks(from, to Treatment) bool {
	if id := identity(from); id != "" {
		return id != identity(to)
	}
	var inside []Field
	switch from := from.(type) {
	case Map:
		for _, key := range from.Keep {
			inside = append(inside, Field{Path: key, Treatment: Keep{}})
		}
		inside = append(inside, from.Fields...)
		inside = append(inside, Field{Treatment: from.Default})
	case JSON:
		inside = from.Fields
	default:
		return false
	}
	after, other := map[string]Treatment{}, Treatment(Drop{})
	switch to := to.(type) {
	case Keep:
		other = to
	case Map:
		for key, group := range to.keys() {
			after[key] = last(group)
		}
		other = to.Default
	case JSON:
		for path, group := range byPath(to.Fields) {
			after[path] = last(group)
		}
	}
	for path, group := range byPath(inside) {
		now, ok := after[path]
		if !ok {
			now = other
		}
		if breaks(last(group), now) {
			return true
		}
	}
	return false
}

// last is the treatment of the values that meet no condition.
func last(group []Field) Treatment { return group[len(group)-1].Treatment }
