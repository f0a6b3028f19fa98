package genesyssim

import "testing"

func FuzzCursors(f *testing.F) {
	f.Add(cursor{"job", 12, 1}.String())
	f.Add(tableCursor{7, 1_772_323_200_000, 40}.String())
	f.Fuzz(func(t *testing.T, text string) {
		if c, ok := parseCursor(text); ok {
			if again, ok := parseCursor(c.String()); !ok || again != c {
				t.Errorf("%+v becomes %+v", c, again)
			}
			if c.offset < 0 || c.serial < 0 {
				t.Errorf("%+v", c)
			}
		}
		if c, ok := parseTableCursor(text); ok {
			if again, ok := parseTableCursor(c.String()); !ok || again != c {
				t.Errorf("%+v becomes %+v", c, again)
			}
		}
	})
}

func FuzzParseInterval(f *testing.F) {
	f.Add("2026-03-01T00:00:00Z/2026-03-02T00:00:00.123Z")
	f.Fuzz(func(t *testing.T, text string) {
		v, ok := parseInterval(text)
		if days := v.days(); ok && (!v.from.Before(v.to) || days.from.After(v.from) || days.to.Before(v.to)) {
			t.Errorf("%v to %v", v.from, v.to)
		}
	})
}
