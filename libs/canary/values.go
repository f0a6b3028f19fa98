package canary

// value is a value of one class that belongs to nobody.
type value struct {
	class string // as policies write it
	text  string
	// sentence has the value where %s stands, as people say it: classes that rest on context are found there.
	sentence string
}

// values are of numbers and names that are set aside for examples where there are such: RFC 2606, 5737 and 7042, the
// 555-01xx of North America, the test numbers of issuers. None may be part of another.
var values = []value{
	{"phone", "+1 628 555 0177", "please call me back on %s after noon"},
	{"email", "vesper.quillan@canarymail.com", "please write to %s about it"},
	{"card", "4539 1488 0343 6467", "paid with the card %s today"},
	{"ssn", "536-90-4399", "the social security number is %s"},
	{"iban", "GB33 BUKB 2020 1555 5555 55", "the account is %s"},
	{"ip", "203.0.113.199", "connected from the IP address %s"},
	{"mac", "00:00:5e:00:53:af", "the MAC address of the phone is %s"},
	{"url", "https://vq:tr0ub4dor-x9@vault.canarymail.com/in", "logged in at %s just now"},
	{"dob", "March 17, 1961", "my date of birth is %s"},
	{"address", "4821 Thornbury Lane, Ashford, OH 44805", "my address is %s"},
	{"licence", "K4821-77390-61158", "my driving licence number is %s"},
	{"passport", "533380991", "my passport number is %s"},
	{"mrn", "MRN-77120945", "the medical record number is %s"},
	{"member", "XQT884213907", "my member ID is %s"},
	{"cvv", "8361", "the security code is %s"},
	{"name", "Quintana Belvedere", "my name is %s"},
}

// born is a date of birth as columns of dates have it.
const born = "1961-03-17"

// The marks stand where a policy keeps what it gets.
const (
	mark       = "canary"
	markedDate = "2100-01-01"
	markedTime = "2100-01-01T00:00:00Z"
)

// Values are the values by class, as they are written plainly. Nothing but this program may hold one of them.
func Values() map[string]string {
	all := map[string]string{}
	for _, v := range values {
		all[v.class] = v.text
	}
	return all
}
