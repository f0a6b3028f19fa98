package detect

import (
	"slices"

	"github.com/brianvoe/gofakeit/v7/data"
)

// Words around names that nothing announces.
var (
	// personVerbs stand behind persons.
	personVerbs = wordSet("said", "says", "told", "tells", "called", "calls", "lives", "lived", "wrote", "replied", "answered", "family", "household", "spent", "shouted", "thinks", "thought", "knows", "knew", "promised", "insists",
		"who", "speaking", "here", "moved", "phoned", "rang", "hung", "spoke", "picked", "took", "loves", "married")
	// belongings are what persons have.
	belongings = wordSet("husband", "wife", "son", "daughter", "mother", "father", "mom", "mum", "dad", "brother", "sister", "kid", "kids", "child", "children", "partner", "boss",
		"birthday", "parents")
	// beforePersons stand before them.
	beforePersons = wordSet("tell", "told", "tells", "met", "meet", "told", "said", "says", "asking", "asks", "remind", "notify", "invite", "marry", "married", "thank", "you", "w",
		"kid", "aunt", "uncle", "cousin", "niece", "nephew", "grandmother", "grandfather", "grandma", "grandpa", "friend", "neighbour", "neighbor", "boyfriend", "girlfriend", "fiance", "fiancee",
		"mate", "guy", "girl", "boy", "man", "woman", "me", "him", "her", "tech", "driver", "courier", "cust", "cx", "pt", "hldr", "holder", "spk", "afternoon", "morning", "evening", "yes", "contacted", "emailed", "phoned", "are")
	// linkToPerson stand behind linkedToPersons and before persons: "transferred to".
	linkToPerson    = wordSet("is", "to", "with", "for", "by", "from", "w")
	linkedToPersons = wordSet("transferred", "xferred", "xfer", "transfer", "assigned", "passed", "handed", "gave", "given", "said", "spoke", "spk", "spoken", "talked", "chatted", "met", "belongs", "according",
		"message", "letter", "gift", "married", "signed", "introduced", "engaged", "sold", "lent", "engagement", "note", "connected", "reply", "born", "wrote")
	thankful  = wordSet("thanks", "you", "cheers", "truly", "best", "love", "thx")
	nameThis  = wordSet("this")
	relatives = wordSet("wife", "husband", "son", "daughter", "mother", "father", "brother", "sister", "spouse", "partner", "colleague", "ask", "asked", "thanks", "attn", "advisor", "technician")
	// subjects stand before verbs of persons more often than names.
	subjects = wordSet("customer", "caller", "agent", "cust", "client", "patient", "user", "member", "he", "she", "they", "i", "we", "you", "who", "and", "supervisor", "manager", "also", "then")
	article  = wordSet("the", "a", "an", "this", "our", "your", "these", "in", "at")
	// things are what the name before them names.
	things = wordSet("inc", "llc", "ltd", "limited", "plc", "gmbh", "ag", "corp", "corporation", "company", "co", "group", "holdings", "holding", "partners", "bank", "insurance", "systems",
		"solutions", "services", "service", "software", "technologies", "technology", "industries", "international", "global", "labs", "media", "foods", "energy", "telecom", "mobile", "store", "stores",
		"shop", "hotel", "inn", "resort", "restaurant", "cafe", "bar", "club", "hospital", "clinic", "university", "college", "school", "academy", "institute", "foundation", "museum", "theatre",
		"theater", "church", "airport", "station", "stadium", "arena", "centre", "center", "mall", "tower", "building", "house", "hall", "bridge", "park", "beach", "island", "islands", "mountain",
		"river", "lake", "valley", "city", "town", "county", "district", "region", "orchestra", "festival", "award", "cup", "league", "app", "plan", "edition", "series", "version", "update", "router",
		"modem", "phone", "tablet", "watch", "laptop", "tv", "cloud", "platform", "portal", "wifi", "subscription", "package", "bundle", "plus", "pro", "max", "mini", "premium", "basic", "team", "department",
		"street", "road", "avenue", "lane", "drive", "strasse", "weg", "platz", "syndrome", "disease", "act", "motors", "airlines", "airways", "associates", "logistics", "robotics", "dental", "medical", "pharmacy")
	// thingsBefore are what the name behind them names.
	thingsBefore = wordSet("hotel", "lake", "port", "mount", "fort", "camp", "club", "cafe", "team", "project", "operation", "radio", "university", "college", "hospital", "north", "south", "east",
		"west", "new", "san", "santa", "saint", "los", "las", "el", "rue", "via", "calle", "avenida", "piazza", "viale", "place", "street", "route", "island", "isle", "queue", "skill", "flow", "campaign",
		"site", "store", "bank", "cape", "bad", "model", "brand", "plan", "app")
)

// lowerStrong announce one word that is in no list, in small letters too; lowerWeak two.
const (
	lowerStrong = iota + 1
	lowerWeak
	lowerAm // "i", with "am" behind it
)

var lowerKinds = func() *words {
	m := map[string]uint8{}
	for kind, list := range map[uint8][]string{
		lowerStrong: {"ask", "asked", "tell", "told", "hi", "hello", "hey", "wife", "husband", "son", "daughter", "mother", "father", "brother", "sister", "mom", "mum", "dad", "uncle", "aunt", "cousin", "niece", "nephew",
			"named", "thanks", "thank", "miss", "friend", "neighbor", "neighbour", "boyfriend", "girlfriend", "partner", "doctor", "nurse"},
		lowerAm: {"i", "im"},
		lowerWeak: {"name", "this", "its", "it", "thats", "under", "for", "with", "to", "reach", "is", "by", "from", "customer", "caller", "agent", "patient", "client", "manager", "supervisor",
			"and", "was", "sure", "yes", "yeah", "hold", "behalf", "of", "contact", "called", "said"},
	} {
		for _, w := range list {
			if isPlain(w) && (m[w] == 0 || kind < m[w]) {
				m[w] = kind
			}
		}
	}
	return newWords(m)
}()

// foreignWords are the commonest words of German, French, Spanish, Italian, Portuguese and
// Dutch that are neither English nor parts of names.
var foreignWords = wordSet("und", "ist", "nicht", "ich", "mit", "auf", "ein", "eine", "einen", "bitte", "wir", "sie", "haben", "hat", "kunde", "kundin", "wurde", "nach", "bei", "vom", "zum", "zur", "noch", "auch", "sich",
	"wird", "sind", "aus", "oder", "wegen", "ihre", "mein", "meine", "les", "est", "pas", "une", "des", "pour", "avec", "vous", "nous", "dans", "sur", "qui", "que", "mais", "cette", "votre", "los", "una", "por", "con",
	"para", "pero", "como", "esta", "las", "che", "non", "sono", "della", "nel", "alla", "anche", "het", "een", "niet", "ik", "voor", "zijn", "maar", "wordt", "naar", "uma", "com", "não", "foi", "mais")

// foreign reports a text in another language, in which more than names are in no list:
// it has two of those words. The answer is kept for the next name.
func (sc *scan) foreign() bool {
	if sc.tongue == unheard {
		sc.tongue = englishTongue
		if foreign(sc.text) {
			sc.tongue = foreignTongue
		}
	}
	return sc.tongue == foreignTongue
}

func foreign(text []byte) bool {
	seen := 0
	for i := 0; i < min(len(text), 1024); {
		if !isLetter(text[i]) {
			i++
			continue
		}
		t := readWord(text, i)
		if i = t.end; foreignWords.has(text[t.start:t.end]) {
			if seen++; seen > 1 {
				return true
			}
		}
	}
	return false
}

// knownNames are those of the gazetteer that are nothing else.
func knownNames() (list []string) {
	for _, name := range append(firstNames(), plainNames(data.Person["last"])...) {
		if w := (nameWord{end: len(name), part: len(name), size: len(name)}); w.kind([]byte(name)) == wordName {
			list = append(list, name)
		}
	}
	return list
}

func beforeNames() []string {
	var list []string
	for _, ws := range []*words{beforePersons, thankful} {
		list = append(list, ws.list()...)
	}
	for _, w := range nameKinds.names {
		if !slices.Contains([]string{"name", "names", "from", "this", "its", "i", "im"}, w) {
			list = append(list, w)
		}
	}
	return list
}

func linksToNames() []string { return append(linkedToPersons.list(), nameThis.list()...) }

// behindNames are the words that names are looked for before: the particles of names of
// two words are some.
func behindNames() []string {
	return append(append(personVerbs.list(), belongings.list()...), "van", "von", "de", "del", "der", "di", "da", "dos", "du", "bin", "ibn", "ter")
}

// tongue is what is known of the language of a text.
type tongue uint8

const (
	unheard tongue = iota
	englishTongue
	foreignTongue
)
