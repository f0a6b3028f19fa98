package masker

import (
	"bytes"
	"slices"
	"testing"
)

// FuzzCut holds the cutting of overlapping passages against the rule, byte by byte: what any passage claims goes, and
// each run of claimed bytes that passages hold together has the label of the first by length, place and sensitivity.
func FuzzCut(f *testing.F) {
	f.Add("0123456789abcdef", []byte{0, 5, 0, 3, 4, 1, 9, 2, 3})
	f.Add("0123456789abcdef", []byte{0, 4, 2, 4, 4, 1, 0, 4, 0})
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		if len(text) == 0 {
			return
		}
		var found []passage
		for ; len(data) >= 3 && len(found) < 30; data = data[3:] {
			start := int(data[0]) % len(text)
			end := min(start+int(data[1])%20+1, len(text))
			found = append(found, passage{start, end, sensitivity[int(data[2])%len(sensitivity)]})
		}
		want := cutSlowly([]byte(text), found)
		if got, _ := cut(nil, []byte(text), slices.Clone(found)); !bytes.Equal(got, want) {
			t.Errorf("%q with %v\ngot  %q\nwant %q", text, found, got, want)
		}
	})
}

func cutSlowly(text []byte, found []passage) []byte {
	// group joins passages that overlap, until nothing changes.
	group := make([]int, len(found))
	for i := range group {
		group[i] = i
	}
	for changed := true; changed; {
		changed = false
		for i, a := range found {
			for j, b := range found {
				if a.start < b.end && b.start < a.end && group[i] != group[j] {
					group[i], group[j], changed = min(group[i], group[j]), min(group[i], group[j]), true
				}
			}
		}
	}
	var out []byte
	for at := 0; at < len(text); {
		owner := slices.IndexFunc(found, func(p passage) bool { return p.start <= at && at < p.end })
		if owner < 0 {
			out = append(out, text[at])
			at++
			continue
		}
		first := found[owner]
		end := at
		for i, p := range found {
			if group[i] != group[owner] {
				continue
			}
			end = max(end, p.end)
			longer, as := p.end-p.start > first.end-first.start, p.end-p.start == first.end-first.start
			rank := func(p passage) int { return slices.Index(sensitivity, p.label) }
			if longer || as && p.start < first.start || as && p.start == first.start && rank(p) < rank(first) {
				first = p
			}
		}
		out = append(out, first.label...)
		at = end
	}
	return out
}
