package analytics

import (
	"strings"
	"unicode"
)

// person is the first and last name in a displayed name, and nothing when it names nobody: telephony shows the number, the
// town or a word in place of a name that it does not know.
func person(displayed string) (first, last string) {
	name, _, _ := strings.Cut(displayed, "<")
	name = strings.Join(strings.Fields(strings.Trim(strings.TrimSpace(name), `"'`)), " ")
	if nobody[strings.ToLower(name)] || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsDigit(r) || r == '@' || r == ':' }) {
		return "", ""
	}
	if left, right, reversed := strings.Cut(name, ","); reversed {
		left, right = strings.TrimSpace(left), strings.TrimSpace(right)
		if regions[strings.ToLower(right)] || strings.Contains(right, ",") {
			return "", ""
		}
		return right, left
	}
	if at := strings.LastIndexByte(name, ' '); at >= 0 {
		return name[:at], name[at+1:]
	}
	return "", name
}

// listed are the entries of a list with commas.
func listed(list string) map[string]bool {
	set := map[string]bool{}
	for entry := range strings.SplitSeq(list, ",") {
		set[strings.Join(strings.Fields(entry), " ")] = true
	}
	return set
}

// nobody are the words for a caller without a name.
var nobody = listed(`anonymous, blocked, cell phone, external, guest, international, mobile, no name, out of area, private, private caller,
	restricted, toll free, unavailable, unknown, unknown caller, unknown name, visitor, wireless caller`)

// regions are what follows the town where a number stands for its place: states and provinces, and the countries that
// numbers are shown with.
var regions = listed(`alabama, alaska, arizona, arkansas, california, colorado, connecticut, delaware, district of columbia, florida,
	georgia, hawaii, idaho, illinois, indiana, iowa, kansas, kentucky, louisiana, maine, maryland, massachusetts,
	michigan, minnesota, mississippi, missouri, montana, nebraska, nevada, new hampshire, new jersey, new mexico, new
	york, north carolina, north dakota, ohio, oklahoma, oregon, pennsylvania, puerto rico, rhode island, south carolina,
	south dakota, tennessee, texas, utah, vermont, virginia, washington, west virginia, wisconsin, wyoming, alberta,
	british columbia, manitoba, new brunswick, newfoundland and labrador, nova scotia, ontario, prince edward island,
	quebec, québec, saskatchewan, australia, austria, belgium, brazil, canada, denmark, england, finland, france, germany,
	india, ireland, italy, japan, mexico, netherlands, new zealand, northern ireland, norway, poland, portugal, scotland,
	singapore, south africa, spain, sweden, switzerland, united kingdom, united states, wales, al, ak, az, ar, ca, co, ct,
	de, dc, fl, ga, hi, id, il, in, ia, ks, ky, la, me, md, ma, mi, mn, ms, mo, mt, ne, nv, nh, nj, nm, ny, nc, nd, oh,
	ok, or, pa, pr, ri, sc, sd, tn, tx, ut, vt, va, wa, wv, wi, wy, ab, bc, mb, nb, nl, ns, on, pe, qc, sk, uk, usa`)
