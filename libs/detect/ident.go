package detect

// What follows finds the numbers of documents and memberships. They have no form of
// their own, so it is the words before them that tell.

const (
	minPassport = 4
	minLicence  = 4
	minMRN      = 4
	minMember   = 3
)

// passportDetector finds passport numbers: six to nine letters and digits (ICAO
// Doc 9303) behind "passport".
type passportDetector struct{}

func passportCues() []string {
	return []string{"passport", "passports", "passportno", "passportnumber", "reisepass", "pasaporte", "passeport"}
}

func (passportDetector) look(sc *scan) {
	sc.codeAfter(sc.atEnd, 6, 9, minPassport, 0.8, "passport-context")
}

// licenceDetector finds the numbers of driving licences: of most countries and
// states they are 5 to 18 letters and digits.
type licenceDetector struct{}

func licenceCues() []string {
	return []string{"licence", "license", "lic", "dl", "dln", "driverslicense", "driverlicense", "permit", "dvla", "fuehrerschein"}
}

var (
	drivers      = wordSet("driver", "drivers", "driving", "driver's", "dmv", "medical", "nursing", "operator", "operators", "cdl")
	licenceAlone = wordSet("dl", "dln", "driverslicense", "driverlicense", "dvla", "fuehrerschein")
)

func (licenceDetector) look(sc *scan) {
	word := sc.text[sc.at:sc.atEnd]
	end := sc.atEnd
	switch {
	case licenceAlone.has(word):
		if len(word) == 2 && !codeFollows(sc.text, end) {
			return
		}
	case !announced(sc.text, sc.at, drivers):
		return
	}
	if sc.codeAfter(end, 5, 18, minLicence, 0.8, "licence-context") || sc.done() {
		return
	}
}

// codeFollows reports a mark or a word for a number right behind a short cue.
func codeFollows(text []byte, end int) bool {
	if followedBy(text, end, numberWords) >= 0 {
		return true
	}
	return end < len(text) && (text[end] == ':' || text[end] == '=' || text[end] == '"')
}

// mrnDetector finds medical record numbers: of patients, of charts, of the NHS.
type mrnDetector struct{}

func mrnCues() []string {
	return []string{"mrn", "mrns", "record", "records", "rec", "chart", "patient", "nhs", "hospital", "medicalrecord"}
}

var medical = wordSet("medical", "med", "patient", "patients", "health", "hospital", "clinical")

func (mrnDetector) look(sc *scan) {
	word := sc.text[sc.at:sc.atEnd]
	end := sc.atEnd
	switch {
	case isWord(word, "mrn"), isWord(word, "mrns"), isWord(word, "medicalrecord"):
	case isWord(word, "record"), isWord(word, "records"), isWord(word, "rec"):
		if !announced(sc.text, sc.at, medical) {
			return
		}
	default: // "patient id 1234567"
		if end = followedBy(sc.text, end, numberWords); end < 0 {
			return
		}
	}
	sc.codeAfter(end, 4, 14, minMRN, 0.8, "mrn-context")
}

// memberDetector finds the numbers of members, insured and subscribers.
type memberDetector struct{}

func memberCues() []string {
	return []string{"member", "members", "membership", "subscriber", "insured", "beneficiary", "policyholder", "enrollee", "medicare", "medicaid",
		"insurance", "plan", "loyalty", "flyer", "hicn", "mbi", "memberid", "memberno", "membernumber", "subscriberid"}
}

var (
	memberAlone  = wordSet("medicare", "medicaid", "membership", "hicn", "mbi", "memberid", "memberno", "membernumber", "subscriberid")
	memberPlans  = wordSet("health", "healthcare", "benefit")
	memberFlyers = wordSet("frequent")
)

func (memberDetector) look(sc *scan) {
	word := sc.text[sc.at:sc.atEnd]
	if isWord(word, "plan") && !announced(sc.text, sc.at, memberPlans) || isWord(word, "flyer") && !announced(sc.text, sc.at, memberFlyers) {
		return
	}
	end := followedBy(sc.text, sc.atEnd, numberWords)
	if end < 0 {
		if !memberAlone.has(word) || !directly(sc.text, sc.atEnd) {
			return
		}
		end = sc.atEnd
	}
	sc.codeAfter(end, 4, 20, minMember, 0.75, "member-context")
}

// directly reports a value behind nothing but "is" and marks, and a letter or five
// digits at its front: "membership 2024" is a year.
func directly(text []byte, end int) bool {
	at := valueAfter(text, end)
	if at < 0 {
		return false
	}
	c, _ := readCode(text, at, 20)
	return c.letters+c.digits > 5
}
