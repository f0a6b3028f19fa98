package classify

import "bytes"

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
