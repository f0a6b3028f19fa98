package classify

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a sample: at most half a mebibyte of values a column.
const (
	maxKept  = 512  // values
	maxValue = 1024 // bytes of a value; what is behind is not looked at
)

// Sample keeps values of one column, spread evenly over all that it is shown: the same values in the same order give the
// same sample. It shows none of them. Its zero value is ready for use; it is not safe for concurrent use.
type Sample struct {
	values, nulls int64
	kept          []string
	stride        int64 // every so manieth value is kept; a power of two
}

// Add shows the sample a value; what it keeps, it copies. Blanks alone count as null.
func (s *Sample) Add(value []byte) {
	value = bytes.TrimSpace(value)
	if len(value) == 0 {
		s.nulls++
		return
	}
	if s.stride == 0 {
		s.stride = 1
	}
	s.values++
	if (s.values-1)%s.stride != 0 {
		return
	}
	if len(s.kept) == maxKept { // every second one goes
		for i := range maxKept / 2 {
			s.kept[i] = s.kept[2*i]
		}
		s.kept = s.kept[:maxKept/2]
		s.stride *= 2
		if (s.values-1)%s.stride != 0 {
			return
		}
	}
	s.kept = append(s.kept, string(value[:min(len(value), maxValue)]))
}

// AddNull counts a value that is not there.
func (s *Sample) AddNull() { s.nulls++ }

// Values is how many values the sample was shown, without nulls.
func (s *Sample) Values() int64 { return s.values }

// Nulls is how many nulls and blanks it was shown.
func (s *Sample) Nulls() int64 { return s.nulls }

// Append shows the sample the values that another one keeps.
func (s *Sample) Append(of *Sample) {
	for _, v := range of.kept {
		s.Add([]byte(v))
	}
}

// Fits is the type of a policy that every value seen would have, where text may hold it: int, double, bool, timestamp or date;
// empty for none.
func (s *Sample) Fits() string {
	fits := map[string]bool{"int": true, "double": true, "bool": true, "timestamp": true, "date": true}
	for _, v := range s.kept {
		_, err := strconv.ParseInt(v, 10, 64)
		whole := err == nil && (v == "0" || strings.TrimLeft(v, "-")[0] != '0')
		fits["int"] = fits["int"] && whole
		fits["double"] = fits["double"] && (whole || exact(v))
		fits["bool"] = fits["bool"] && (v == "true" || v == "false")
		_, err = time.Parse(time.RFC3339Nano, v)
		fits["timestamp"] = fits["timestamp"] && err == nil
		_, err = time.Parse(time.DateOnly, v)
		fits["date"] = fits["date"] && err == nil
	}
	for _, t := range []string{"int", "double", "bool", "timestamp", "date"} {
		if fits[t] && len(s.kept) > 0 {
			return t
		}
	}
	return ""
}

// Unique reports that no two of the values that are kept are equal, and that there are some.
func (s *Sample) Unique() bool {
	seen := map[string]bool{}
	for _, v := range s.kept {
		seen[v] = true
	}
	return len(s.kept) > 0 && len(seen) == len(s.kept)
}

// exact reports a number that a double writes as it stands: 28.0 is a version more often than a number.
func exact(v string) bool {
	f, err := strconv.ParseFloat(v, 64)
	return err == nil && number(v) && strconv.FormatFloat(f, 'f', -1, 64) == v
}

// Fit is the share of the values seen that could be meant for a type of a policy, however they are written: 1 for a type of
// which nothing can be told.
func (s *Sample) Fit(kind string) float64 {
	could := map[string]func(string) bool{
		"int": number, "decimal": number, "double": number,
		"bool": func(v string) bool { return slices.Contains(flags, strings.ToLower(v)) },
		"date": isMoment, "timestamp": isMoment,
	}[kind]
	if could == nil || len(s.kept) == 0 {
		return 1
	}
	n := 0
	for _, v := range s.kept {
		if could(v) {
			n++
		}
	}
	return float64(n) / float64(len(s.kept))
}

func isMoment(v string) bool {
	_, ok := moment(v)
	return ok
}
