package sketch

import (
	"math"
	"math/bits"
)

// precision is how many bits of a sum choose its register.
const precision = 14

// EstimateError is the standard error of an Estimate, 1.04/√registers: 0.8 %.
const EstimateError = 1.04 / 128

// Estimate is about how many different values there are, in 16 KiB however many they are: HyperLogLog, with linear
// counting where they are few. Source: Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog" (2007). The zero value is ready.
type Estimate struct{ registers [1 << precision]uint8 }

// Add adds a sum that is spread evenly.
func (e *Estimate) Add(sum uint64) {
	at := sum >> (64 - precision)
	rank := uint8(bits.LeadingZeros64(sum<<precision|1<<(precision-1))) + 1
	if rank > e.registers[at] {
		e.registers[at] = rank
	}
}

// Count is the estimate.
func (e *Estimate) Count() int64 {
	const m = 1 << precision
	sum, empty := 0.0, 0
	for _, r := range e.registers {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			empty++
		}
	}
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate <= 2.5*m && empty > 0 {
		estimate = m * math.Log(m/float64(empty))
	}
	return int64(math.Round(estimate))
}
