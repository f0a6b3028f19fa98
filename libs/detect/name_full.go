package detect

// fullNameDetector finds names without a word that announces them: a first name of
// the gazetteer with a capital, right before a word with a capital that is no
// ordinary word ("Maria Novak called"), or behind a last name and a comma ("SMITH,
// JOHN"). A first name that is a word or a place as well needs a last name that is
// known; so does one in capitals among capitals.
type fullNameDetector struct{}

func (fullNameDetector) look(sc *scan) {
	text := sc.text
	if sc.at > 0 && (text[sc.at-1] == '-' || text[sc.at-1] == '_' || text[sc.at-1] == '@' || isAlnum(text[sc.at-1]) || text[sc.at-1] == '/' || text[sc.at-1] == '.' && sc.at > 1 && isAlnum(text[sc.at-2])) {
		return
	}
	first, ok := nameWordAt(text, sc.at)
	if !ok {
		return
	}
	if sc.lastFirst(first) || first.dotted {
		return
	}
	if at := nameGap(text, first); at < 0 || at == len(text) {
		return
	} else if c := text[at]; c >= 'a' && c <= 'z' {
		if _, ok := particleAt(text, at); !ok {
			return // as most words behind such a name that is a word, "Will", are
		}
	}
	n := readName(text, sc.at, capitalName)
	if n.words < 2 {
		return
	}
	second, _ := nameWordAt(text, nameGap(text, first))
	for second.size == 1 { // an initial
		at := nameGap(text, second)
		if at < 0 {
			return
		}
		if second, ok = nameWordAt(text, at); !ok {
			return
		}
	}
	last, word := second.is(text, lastName), second.is(text, ordinary)
	known := last || second.is(text, firstName) && !word
	doubtful := first.is(text, ordinary|place) || second.is(text, place) || first.shouted
	if doubtful && !known || word && !last || second.shouted && !first.shouted {
		return
	}
	sc.hit(n.start, n.end, 0.65, "name-full")
}

// lastFirst takes "Smith, John".
func (sc *scan) lastFirst(first nameWord) bool {
	text := sc.text
	if first.start < 3 || text[first.start-1] != ' ' || text[first.start-2] != ',' {
		return false
	}
	start := first.start - 2
	for start > 0 && (isLetter(text[start-1]) || text[start-1] >= 0x80) {
		start--
	}
	last, ok := nameWordAt(text, start)
	if !ok || !last.capital || !last.is(text, lastName) || last.is(text, ordinary) || last.is(text, firstName) && !last.shouted {
		return false
	}
	sc.hit(start, first.end, 0.65, "name-full")
	return true
}
