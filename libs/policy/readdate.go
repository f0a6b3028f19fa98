package policy

import (
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// maxShift is the most days by which dates are shifted, ten years.
const maxShift = 3650

var shiftDays = regexp.MustCompile(`^[1-9][0-9]{0,3}d$`)

func (r *reader) date(n *yaml.Node) Treatment {
	var t Date
	var shift *Shift
	before := len(r.errs)
	r.object(n, "date", map[string]setter{
		"truncate": choice(r, "date.truncate", &t.Truncate, []Unit{Day, Month, Year}),
		"earliest": r.integer("date.earliest", 1, 9999, &t.Earliest),
		"shift":    func(v *yaml.Node) { shift = r.shift(v) },
	})
	switch {
	case len(r.errs) > before:
	case shift != nil && t != (Date{}):
		r.fail(n, "date has truncate or shift, not both")
	case shift != nil:
		return *shift
	case t.Truncate == "":
		r.fail(n, "date.truncate is missing: use day, month or year, or shift: {by: customerId, max: 30d}")
	}
	return t
}

func (r *reader) shift(n *yaml.Node) *Shift {
	t := &Shift{}
	r.object(n, "date.shift", map[string]setter{
		"by": func(v *yaml.Node) {
			var text string
			r.text("date.shift.by", &text)(v)
			t.By.Path = r.steps(v, "date.shift.by", text).String()
		},
		"max": func(v *yaml.Node) {
			s, _ := scalar(v)
			if shiftDays.MatchString(s) {
				t.Max, _ = strconv.Atoi(s[:len(s)-1])
			}
			if t.Max < 1 || t.Max > maxShift {
				r.fail(v, "date.shift.max must be a number of days from 1d to %dd", maxShift)
			}
		},
	})
	if t.By.Path == "" || t.Max == 0 {
		r.fail(n, "date.shift needs by and max: shift: {by: customerId, max: 30d}")
	}
	return t
}

func (r *reader) bucket(n *yaml.Node) Treatment {
	var t Bucket
	number := func(what string, set func(int64)) setter {
		return func(v *yaml.Node) {
			i, err := strconv.ParseInt(v.Value, 10, 64)
			if v.Kind != yaml.ScalarNode || v.Tag != "!!int" || err != nil {
				r.fail(v, "%s must be a whole number", what)
				return
			}
			set(i)
		}
	}
	before := len(r.errs)
	r.object(n, "bucket", map[string]setter{
		"width": number("bucket.width", func(i int64) { t.Width = i }),
		"top":   number("bucket.top", func(i int64) { t.Top = &i }),
	})
	switch {
	case len(r.errs) > before:
	case t.Width < 1:
		r.fail(n, "bucket.width must be a whole number of at least 1")
	case t.Top != nil && *t.Top%t.Width != 0:
		r.fail(n, "bucket.top must be a multiple of bucket.width, so that it is the lower bound of an interval")
	}
	return t
}
