package detect

// luhn is the check of ISO/IEC 7812-1 annex B.
func luhn(d []byte) bool {
	sum := 0
	for i, v := range d {
		x := int(v)
		if (len(d)-i)%2 == 0 {
			x = int(doubled[v])
		}
		sum += x
	}
	return sum%10 == 0
}

// doubled are the sums of the digits of twice a digit.
var doubled = [10]uint8{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}

// luhnSums are the sums of the digits before each of a chain, modulo 10, so that many numbers of one chain are checked
// without adding them up: the first with every digit doubled that stands at an even place, the second at an odd one.
type luhnSums [][2]uint8

// luhn is luhn of the digits [from,to) of the chain.
func (sc *scan) luhn(from, to int) bool {
	if len(sc.sums) == 0 {
		var sum [2]uint8
		sc.sums = append(sc.sums, sum)
		for i, v := range sc.digits {
			sum[i&1] = (sum[i&1] + doubled[v]) % 10
			sum[1-i&1] = (sum[1-i&1] + v) % 10
			sc.sums = append(sc.sums, sum)
		}
	}
	return sc.sums[from][to&1] == sc.sums[to][to&1]
}
