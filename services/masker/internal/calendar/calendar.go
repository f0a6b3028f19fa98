// Package calendar counts days and reads dates that are written as text. Its calendar is the proleptic Gregorian one of
// ISO 8601, with a year 0; it knows no zones, so that no day is longer than another.
package calendar

// Days are counted from 1970-01-01. First and Last are those of the years 0 to 9999, which four digits can write.
const (
	First = -719_528
	Last  = 2_932_896
)

const (
	cycle  = 146_097 // days of 400 years, after which the calendar repeats
	offset = 719_468 // days from 0000-03-01 to 1970-01-01
)

// Day is the day of a date. Years are counted from March, so that the leap day is the last of its year.
func Day(year int64, month, day int) int64 {
	if month <= 2 {
		year--
	}
	cycles := floor(year, 400)
	year -= 400 * cycles
	ofYear := int64((153*((month+9)%12)+2)/5 + day - 1)
	return cycle*cycles + 365*year + year/4 - year/100 + ofYear - offset
}

// Date is the date of a day.
func Date(n int64) (year int64, month, day int) {
	cycles, march, ofYear := split(n)
	m := (5*ofYear + 2) / 153 // March is 0
	day = int(ofYear-(153*m+2)/5) + 1
	year = 400*cycles + int64(march)
	if m >= 10 {
		return year + 1, int(m) - 9, day
	}
	return year, int(m) + 3, day
}

// FirstOfMonth is the first day of a day's month.
func FirstOfMonth(n int64) int64 {
	_, _, ofYear := split(n)
	m := (5*ofYear + 2) / 153
	return n - int64(ofYear-(153*m+2)/5)
}

// FirstOfYear is the first day of a day's year.
func FirstOfYear(n int64) int64 {
	_, march, ofYear := split(n)
	if ofYear >= 306 { // January or February
		return n - int64(ofYear-306)
	}
	before := int64(59) // days from the first of January to the last of February
	if march%4 == 0 && (march%100 != 0 || march%400 == 0) {
		before++
	}
	return n - int64(ofYear) - before
}

// split is the cycle of a day, the year of the cycle, counted from March, and the day of that year.
func split(n int64) (cycles int64, year, ofYear uint32) {
	n += offset
	cycles = floor(n, cycle)
	ofCycle := uint32(n - cycle*cycles)
	century := (4*ofCycle + 3) / cycle
	ofCentury := ofCycle - cycle*century/4
	ofYear = (4*ofCentury + 3) / 1461
	return cycles, 100*century + ofYear, ofCentury - 1461*ofYear/4
}

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
