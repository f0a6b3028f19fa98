package masker

import "github.com/klauspost/cpuid/v2"

// wide says that nextFit works here.
var wide = cpuid.CPU.Supports(cpuid.AVX2)

// nextFit is the first of as many places from text on, fitPlaces at least, at which the three bytes of fit stand: the
// lowest there, the next one behind it, and the third last bytes further on. -1 is none. Both sides count in lower case.
// It reads last bytes behind the last place.
//
//go:noescape
func nextFit(text *byte, places, last int, fit uint32) int
