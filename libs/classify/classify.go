package classify

import (
	"fmt"
	"math"
	"slices"

	"github.com/maskrail/maskrail/libs/detect"
)

// Kind is the kind of a column's type, as far as it says what has room in it.
type Kind string

// The kinds.
const (
	Text    Kind = "text"
	Number  Kind = "number"
	Boolean Kind = "bool"
	Moment  Kind = "time"   // a date or timestamp
	Object  Kind = "object" // an object or open map, or JSON of one
)

// Column is what an opinion is formed on.
type Column struct {
	Name   string
	Around string // name of the object that the column is in; may be empty
	Kind   Kind
	Sample *Sample // nil when no value was seen
}

// Classifier forms opinions; it is safe for concurrent use.
type Classifier struct{ set *detect.Set }

// New makes a classifier with the detectors of a region, see detect.NewSet.
func New(region string) (*Classifier, error) {
	set, err := detect.NewSet(region)
	if err != nil {
		return nil, fmt.Errorf("new classifier: %w", err)
	}
	return &Classifier{set}, nil
}

// Judge forms an opinion. Where name and values contradict each other, the one that would need masking counts.
func (c *Classifier) Judge(f Column) Opinion {
	o := c.judge(f)
	o.Confidence = math.Round(min(max(o.Confidence, 0), 0.99)*100) / 100
	return o
}

func (c *Classifier) judge(f Column) Opinion {
	name := ByName(f.Name, f.Around)
	if f.Kind == Boolean {
		return Opinion{Class: Flag, Confidence: 0.95, Reason: ByType}
	}
	if f.Kind == Moment {
		if name.Class == DOB {
			return Opinion{Class: DOB, Confidence: 0.9, Reason: ByItsName}
		}
		return Opinion{Class: Time, Confidence: 0.9, Reason: ByType}
	}
	var values Opinion
	switch {
	case f.Sample != nil && len(f.Sample.kept) > 0:
		values = c.byValues(f)
	case f.Kind == Object:
		values = Opinion{Class: Opaque, Confidence: 0.9, Reason: ByType}
	default:
		values = Opinion{Class: Empty, Reason: NothingToGoBy}
	}
	if name.Class == "" {
		return values
	}
	return join(name, values)
}

// sure is the confidence from which values outweigh the name.
const sure = 0.7

// join weighs what the name says against what the values say.
func join(name Name, v Opinion) Opinion {
	says := Opinion{Class: name.Class, Confidence: 0.5, Reason: ByItsName, Inside: v.Inside}
	if name.Strong {
		says.Confidence = 0.75
	}
	_, found := v.Class.Detected()
	switch {
	case same(name.Class, v.Class):
		says.Class, says.Reason = v.Class, ByBoth
		says.Confidence = 1 - (1-says.Confidence)*(1-v.Confidence)
		return says
	case found && v.Confidence >= sure, v.Class == Opaque:
		return v
	case v.Reason == InsideText && slices.ContainsFunc(v.Inside, func(c detect.Class) bool { return same(name.Class, Class(c)) }):
		says.Reason, says.Confidence = ByBoth, 1-(1-says.Confidence)/2
		return says
	case v.Class == FreeText && v.Confidence >= sure:
		return v // whatever it is called, anything can stand in it
	case v.Class == Empty, v.Class == Unsure, v.Class == Identifier, found, v.Class == FreeText:
		return says
	case !name.Strong && v.Class != Category && v.Confidence >= sure:
		v.Confidence *= 0.8
		return v
	}
	says.Confidence, says.Reason = says.Confidence/1.5, Against
	return says
}

// same reports classes that do not contradict each other.
func same(name, values Class) bool {
	switch name {
	case Contact:
		return values == Phone || values == Email || values == PersonName
	case DOB:
		return values == Time || values == DOB
	case Document:
		return values == Class(detect.Passport) || values == Class(detect.Licence)
	case Account:
		return values == Class(detect.IBAN) || values == Class(detect.Member) || values == Class(detect.MRN)
	case Network:
		return values == Class(detect.IP) || values == Class(detect.MAC) || values == Class(detect.URL)
	case Card:
		return values == Card || values == Class(detect.CVV)
	}
	return name == values
}

// byValues judges the values alone.
func (c *Classifier) byValues(f Column) Opinion {
	kept := f.Sample.kept
	n := float64(len(kept))
	whole, inside, certain := map[detect.Class]float64{}, map[detect.Class]bool{}, false
	var spans []detect.Span
	for _, v := range kept {
		spans = c.set.Find(spans[:0], []byte(v))
		for _, s := range spans {
			certain = certain || s.Score >= detect.Sure
			if covers(v, s) {
				whole[s.Class] += s.Score
			} else {
				inside[s.Class] = true
			}
		}
	}
	var best detect.Class
	for _, class := range detect.Classes() { // in order, so that ties are settled alike
		if whole[class] > whole[best] {
			best = class
		}
		if whole[class] > 0 && class != best {
			inside[class] = true
		}
	}
	o := byShape(f, shapeOf(kept))
	if share := whole[best] / n; share >= 0.05 && o.Class != Opaque {
		byShape := o
		o = Opinion{Class: Class(best), Confidence: (0.5 + share/2) * trust(len(kept)), Reason: ByItsValues}
		if byShape.Class == o.Class {
			o.Confidence = 1 - (1-o.Confidence)*(1-byShape.Confidence)
		}
		delete(inside, best)
	} else if best != "" {
		inside[best] = true
	}
	for class := range inside {
		o.Inside = append(o.Inside, class)
	}
	slices.Sort(o.Inside)
	if !certain && (o.Class == UUID || o.Class == Time || o.Class == Flag) {
		o.Inside = nil // what rests on the words around it has none there
	}
	if len(o.Inside) > 0 && (o.Class.Harmless() || o.Class == Unsure || o.Class == Identifier) {
		return Opinion{Class: FreeText, Confidence: 0.8, Reason: InsideText, Inside: o.Inside}
	}
	return o
}

// covers reports a finding that is nearly all of the value.
func covers(v string, s detect.Span) bool { return 5*(s.End-s.Start) >= 4*len(v) }

// trust is how far so many values can be trusted.
func trust(values int) float64 { return 1 - 0.4/float64(values) }

// byShape judges by what the values look like.
func byShape(f Column, s shape) Opinion {
	of := func(c Class, confidence float64) Opinion {
		return Opinion{Class: c, Confidence: confidence * trust(s.values), Reason: ByShape}
	}
	const nearly = 0.95
	switch {
	case s.json >= 0.5, f.Kind == Object:
		return of(Opaque, 0.9)
	case f.Kind == Text && s.flag >= nearly:
		return of(Flag, 0.85)
	case s.uuid >= nearly:
		return of(UUID, 0.95)
	case s.birth >= 0.8:
		return of(DOB, 0.6)
	case s.time >= nearly:
		return of(Time, 0.9)
	case s.number >= nearly && s.fraction < 0.1 && s.digit >= 0.8 && s.distinct >= 0.8 && s.length >= 7:
		return of(Identifier, 0.6)
	case s.number >= nearly:
		return of(Measure, 0.85)
	case s.sentence >= 0.3:
		return of(FreeText, 0.85)
	case s.proper >= 0.5 && (s.blank >= 0.3 || s.distinct >= 0.2):
		return of(PersonName, 0.6)
	case s.category():
		return of(Category, 0.85)
	case s.distinct >= 0.8 && s.blank < 0.1 && s.length >= 4 && s.length <= 64:
		return of(Identifier, 0.6)
	case s.values < enough:
		return Opinion{Class: Unsure, Reason: TooFewToSay}
	}
	return Opinion{Class: Unsure, Reason: NothingToGoBy}
}

// enough is how many values it takes to see that they repeat.
const enough = 20

// category reports few values that come again and again and are written as codes are: capitalised words could be names.
func (s shape) category() bool {
	return s.values >= enough && s.distinct*float64(s.values) <= 30 && s.distinct <= 0.2 && s.code >= 0.9 && s.digit < 0.01 && s.length <= 40
}

// Value reports a name in which a detector surely finds a value, or which is nothing else than one: a person's name, as in
// the first line of a file without a header, or an address.
func (c *Classifier) Value(name string) bool {
	return slices.ContainsFunc(c.set.Find(nil, []byte(name)), func(s detect.Span) bool {
		return s.Score >= detect.Sure || s.Start == 0 && s.End == len(name)
	})
}
