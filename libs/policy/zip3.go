package policy

// NoZip3 stands for what Zip3 must not show.
const NoZip3 = "000"

// RestrictedZip3 reports that at most 20,000 people live where ZIP codes begin with these three digits, so that 45 CFR
// 164.514(b)(2)(i)(B) wants 000 in their place. The list is that of the census of 2000, which the guidance of the US
// Department of Health and Human Services gives.
func RestrictedZip3(prefix string) bool {
	switch prefix {
	case "036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878", "879", "884", "890", "893":
		return true
	}
	return false
}
