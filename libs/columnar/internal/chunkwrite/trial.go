package chunkwrite

import "slices"

func (l *leaf) dictionaryFull() bool { return l.dict.dictionarySize() >= l.limits.dictionaryBytes }

// nextTrial is the number of values at which the page in work is judged.
func (l *leaf) nextTrial() int {
	for _, t := range l.limits.trials {
		if len(l.indices) < t.values {
			return t.values
		}
	}
	return len(l.indices)
}

// judge decides, after whole rows, what becomes of the page in work and of the
// values after it. last: there are none.
func (l *leaf) judge(last bool) error {
	full := l.inPage >= l.limits.pageEntries || l.dictionaryFull() || last
	if l.stage == trying {
		values, distinct := len(l.indices), l.dict.len()
		final := full || values >= l.limits.trials[len(l.limits.trials)-1].values
		for _, t := range l.limits.trials {
			// Between trials the rows that reached one are its values.
			if values >= t.values && distinct*t.values > t.distinct*values && l.tried < t.values {
				return l.layOut()
			}
		}
		l.tried = values
		if final && (values == 0 || 2*distinct > values) {
			return l.layOut()
		}
		if final {
			l.stage = numbered
		}
	}
	if l.stage != numbered || !full {
		return nil
	}
	if err := l.cut(); err != nil {
		return err
	}
	if l.dictionaryFull() {
		l.stage = laidOut
	}
	return nil
}

// layOut gives the dictionary up: the page in work is laid out from its entries.
func (l *leaf) layOut() error {
	indices := slices.Clone(l.indices)
	r := rows{
		spans:   []span{{0, len(indices)}},
		defs:    slices.Clone(l.defs.list),
		reps:    slices.Clone(l.reps.list),
		entries: l.inPage,
		most:    l.defs.most,
	}
	if len(r.defs) == 0 {
		r.defs = nil
	}
	if l.reps.most == 0 {
		r.reps = nil
	}
	l.indices = l.indices[:0]
	l.clearLevels()
	l.inPage, l.values = 0, l.values-int64(len(indices))
	l.stage = laidOut
	restore := l.in.replay(indices)
	err := l.addRows(&r)
	restore()
	l.dict.forget()
	return err
}
