package detect

// Kinds of words of a street.
const (
	streetSure    = iota + 1 // "street", also in lower case
	streetCapital            // "Way", with a capital letter: the word has other uses
	streetBefore             // "rue", "calle": the name stands behind it
	streetBox                // "box", of the post office
	streetZip                // "zip", "postcode"
)

var streetKinds = func() *words {
	m := map[string]uint8{}
	for kind, list := range map[uint8][]string{
		streetSure: {"street", "avenue", "ave", "boulevard", "blvd", "road", "rd", "lane", "parkway", "pkwy", "crescent", "expressway", "turnpike", "freeway", "mews"},
		streetCapital: {"st", "str", "ln", "dr", "drive", "court", "ct", "way", "place", "pl", "terrace", "ter", "circle", "cir", "highway", "hwy", "square", "sq",
			"close", "gardens", "grove", "trail", "trl", "loop", "row", "walk", "hill", "park", "green", "alley", "plaza", "ridge", "point", "broadway", "quay", "view", "rise", "run"},
		streetBefore: {"rue", "calle", "avenida", "via", "viale", "piazza", "rua", "paseo", "chemin", "quai", "carrer", "corso", "impasse", "praca", "travessa", "allee", "route", "vicolo", "largo"},
		streetBox:    {"box"},
		streetZip:    {"zip", "zipcode", "postcode", "postal", "plz"},
	} {
		for _, w := range list {
			m[w] = kind
		}
	}
	return newWords(m)
}()

func streetCues() []string { return streetKinds.list() }

// notStreet are words that stand between a number and "street" or "road" where no
// address is: "2 of the road", "5 miles down the road".
var notStreet = wordSet(
	"the", "of", "a", "an", "on", "in", "at", "to", "down", "up", "my", "your", "his", "her", "our", "their", "this", "that", "same", "mile", "miles", "km",
	"minute", "minutes", "min", "mins", "hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years", "more", "times", "and", "or", "is", "was", "are",
	"cars", "car", "people", "houses", "from", "off", "along", "across", "by", "with", "for", "per", "every", "each", "other", "one", "lane", "trucks", "block", "blocks",
	"percent", "am", "pm", "orders", "order", "items", "calls", "call", "side", "middle", "into", "onto", "over", "under", "near", "hit", "via",
)

// timeWords never begin the name of a street: "24 Hour Drive".
var timeWords = wordSet("hour", "hours", "hr", "hrs", "minute", "minutes", "min", "day", "days", "week", "weeks", "month", "months", "year", "years", "mile", "miles", "km")

var (
	particles  = wordSet("de", "la", "le", "les", "du", "des", "del", "della", "delle", "dei", "di", "da", "do", "dos", "das", "el", "los", "las", "l", "d", "san", "santa", "y", "e", "et")
	units      = wordSet("apt", "apartment", "suite", "ste", "unit", "flat", "floor", "fl", "room", "rm", "no", "bldg", "building", "lot", "trailer", "etage", "piso")
	directions = wordSet("n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest")
)

var usStates = wordSet(
	"al", "ak", "az", "ar", "ca", "co", "ct", "de", "fl", "ga", "hi", "id", "il", "in", "ia", "ks", "ky", "la", "me", "md", "ma", "mi", "mn", "ms", "mo", "mt", "ne", "nv",
	"nh", "nj", "nm", "ny", "nc", "nd", "oh", "ok", "or", "pa", "ri", "sc", "sd", "tn", "tx", "ut", "vt", "va", "wa", "wv", "wi", "wy", "dc", "pr", "gu", "vi",
)

var usStateNames = wordSet(
	"alabama", "alaska", "arizona", "arkansas", "california", "colorado", "connecticut", "delaware", "florida", "georgia", "hawaii", "idaho", "illinois", "indiana", "iowa",
	"kansas", "kentucky", "louisiana", "maine", "maryland", "massachusetts", "michigan", "minnesota", "mississippi", "missouri", "montana", "nebraska", "nevada", "hampshire",
	"jersey", "mexico", "york", "carolina", "dakota", "ohio", "oklahoma", "oregon", "pennsylvania", "tennessee", "texas", "utah", "vermont", "virginia", "washington", "wisconsin", "wyoming",
)

// ukAreas are the letters that British postcodes begin with (Royal Mail, 124 areas).
var ukAreas = wordSet(
	"ab", "al", "b", "ba", "bb", "bd", "bh", "bl", "bn", "br", "bs", "bt", "ca", "cb", "cf", "ch", "cm", "co", "cr", "ct", "cv", "cw", "da", "dd", "de", "dg", "dh", "dl", "dn", "dt",
	"dy", "e", "ec", "eh", "en", "ex", "fk", "fy", "g", "gl", "gu", "gy", "ha", "hd", "hg", "hp", "hr", "hs", "hu", "hx", "ig", "im", "ip", "iv", "je", "ka", "kt", "kw", "ky", "l", "la", "ld",
	"le", "ll", "ln", "ls", "lu", "m", "me", "mk", "ml", "n", "ne", "ng", "nn", "np", "nr", "nw", "ol", "ox", "pa", "pe", "ph", "pl", "po", "pr", "rg", "rh", "rm", "s", "sa", "se", "sg", "sk",
	"sl", "sm", "sn", "so", "sp", "sr", "ss", "st", "sw", "sy", "ta", "td", "tf", "tn", "tq", "tr", "ts", "tw", "ub", "w", "wa", "wc", "wd", "wf", "wn", "wr", "ws", "wv", "yo", "ze",
)

// streetEnds are what street names of one word end in, in German, Dutch and the
// languages of the North, by their last letters.
var streetEnds = func() (ends ['z' + 1][]string) {
	for _, e := range []string{"strasse", "straße", "str", "gasse", "weg", "platz", "allee", "damm", "ufer", "straat", "laan", "plein", "gracht", "gatan", "gata", "vej", "gade", "veien", "katu"} {
		last := e[len(e)-1]
		ends[last] = append(ends[last], e)
	}
	return ends
}()

// streetSuffixes are the words that names of streets end in in the USA (USPS publication
// 28, appendix C1), beside those that are told alone.
var streetSuffixes = wordSet(
	"alley", "annex", "arcade", "avenue", "bayou", "beach", "bend", "bluff", "bluffs", "bottom", "boulevard", "branch", "bridge", "brook", "brooks", "burg", "burgs", "bypass", "camp", "canyon",
	"cape", "causeway", "center", "centers", "circle", "circles", "cliff", "cliffs", "club", "common", "commons", "corner", "corners", "course", "court", "courts", "cove", "coves", "creek", "crescent",
	"crest", "crossing", "crossroad", "curve", "dale", "dam", "divide", "drive", "drives", "estate", "estates", "expressway", "extension", "extensions", "fall", "falls", "ferry", "field", "fields", "flat",
	"flats", "ford", "fords", "forest", "forge", "forges", "fork", "forks", "fort", "freeway", "garden", "gardens", "gateway", "glen", "glens", "green", "greens", "grove", "groves", "harbor", "harbors",
	"haven", "heights", "highway", "hill", "hills", "hollow", "inlet", "island", "islands", "isle", "junction", "junctions", "key", "keys", "knoll", "knolls", "lake", "lakes", "land", "landing", "lane",
	"light", "lights", "loaf", "lock", "locks", "lodge", "loop", "mall", "manor", "manors", "meadow", "meadows", "mews", "mill", "mills", "mission", "motorway", "mount", "mountain", "mountains", "neck",
	"orchard", "oval", "overpass", "park", "parks", "parkway", "parkways", "pass", "passage", "path", "pike", "pine", "pines", "place", "plain", "plains", "plaza", "point", "points", "port", "ports",
	"prairie", "radial", "ramp", "ranch", "rapid", "rapids", "rest", "ridge", "ridges", "river", "road", "roads", "route", "row", "rue", "run", "shoal", "shoals", "shore", "shores", "skyway", "spring",
	"springs", "spur", "spurs", "square", "squares", "station", "stravenue", "stream", "street", "streets", "summit", "terrace", "throughway", "trace", "track", "trafficway", "trail", "trailer", "tunnel",
	"turnpike", "underpass", "union", "unions", "valley", "valleys", "via", "viaduct", "view", "views", "village", "villages", "ville", "vista", "walk", "walks", "wall", "way", "ways", "well", "wells",
)
