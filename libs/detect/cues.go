package detect

import "sync"

// cueBits says whose cue a word is: a bit for each part of the registry, and the
// highest for the words that numbers are spoken with.
type cueBits uint64

const spokenCue cueBits = 1 << 63

func cueBit(part int) cueBits { return 1 << part }

// cueTable knows the cues of all classes. Every word of a text is looked up once,
// and few are a cue, so a small filter comes before the table.
type cueTable struct {
	filter [1 << 10]uint64 // a place for ten bits of a word's hash, with two bits for twelve more
	slots  []cueSlot       // a power of two, half of them free
	shift  uint8           // of a hash, whose first bits are a word's place
}

type cueSlot struct {
	key  wordKey16
	bits cueBits
	// capital are the bits that count with a capital first letter alone.
	capital cueBits
}

var (
	cueTables  = map[cueBits]*cueTable{}
	cueTablesM sync.Mutex
)

// cuesOf is the table of some parts' cues, the same for all sets that have these.
func cuesOf(wanted cueBits) *cueTable {
	cueTablesM.Lock()
	defer cueTablesM.Unlock()
	t := cueTables[wanted]
	if t == nil {
		t = newCueTable(wanted)
		cueTables[wanted] = t
	}
	return t
}

func newCueTable(wanted cueBits) *cueTable {
	type listed struct{ bits, capital cueBits }
	all := map[wordKey16]listed{}
	list := func(words []string, bit cueBits, capital bool) {
		if bit&wanted == 0 {
			return
		}
		for _, w := range words {
			k := keyOf(w)
			l := all[k]
			if l.bits |= bit; capital {
				l.capital |= bit
			}
			all[k] = l
		}
	}
	number := 0
	for _, def := range registry {
		for _, p := range def.parts {
			if p.on == onWord {
				list(p.cues(), cueBit(number), p.capital)
			}
			number++
		}
	}
	list(spokenWords(), spokenCue, false)

	width := tableBits(2 * len(all))
	size := 1 << width
	t := &cueTable{slots: make([]cueSlot, size), shift: 64 - width}
	for k, l := range all {
		h := k.hash()
		t.filter[h>>54] |= filterBits(h)
		i := int(h >> t.shift)
		for t.slots[i].bits != 0 {
			i = (i + 1) & (size - 1)
		}
		t.slots[i] = cueSlot{k, l.bits, l.capital}
	}
	return t
}

// mayHave is false for most words that are not in the table.
func (t *cueTable) mayHave(hash uint64) bool { return filterBits(hash)&^t.filter[hash>>54] == 0 }

// filterBits are the two bits of a word in its place of the filter.
func filterBits(hash uint64) uint64 { return 1<<(hash>>48&63) | 1<<(hash>>42&63) }

// bits is whose cue a word is.
func (t *cueTable) bits(k wordKey16, capital bool) cueBits {
	h := k.hash()
	if !t.mayHave(h) {
		return 0
	}
	return t.find(k, h, capital)
}

// find is bits of a word that may be in the table, by its hash.
func (t *cueTable) find(k wordKey16, hash uint64, capital bool) cueBits {
	mask := uint64(len(t.slots) - 1)
	for i := hash >> t.shift; t.slots[i].bits != 0; i = (i + 1) & mask {
		if s := &t.slots[i]; s.key == k {
			if capital {
				return s.bits
			}
			return s.bits &^ s.capital
		}
	}
	return 0
}
