package columnar

// The proleptic Gregorian calendar repeats every 400 years. A year is counted
// here from March on: the day that leap years have is then its last, and the
// months before it are the same in every year.

const (
	secondsPerDay = 86_400

	daysPer4   = 4*365 + 1
	daysPer100 = 25*daysPer4 - 1
	daysPer400 = 4*daysPer100 + 1
	daysOf1970 = 719_468 // from 0000-03-01 to 1970-01-01
)

// dateOf returns the date of a day counted from 1970-01-01; any int64 of seconds
// is far from where it overflows.
func dateOf(day int64) (year, month, dayOfMonth int64) {
	day += daysOf1970
	cycle := floorDiv(day, daysPer400)
	d := uint32(day - cycle*daysPer400)
	// Leap days up to d are taken out, which makes all years 365 days.
	y := (d - d/(daysPer4-1) + d/daysPer100 - d/(daysPer400-1)) / 365
	d -= 365*y + y/4 - y/100
	// 153 days are five months: from March, and from August on.
	m := (5*d + 2) / 153
	dayOfMonth = int64(d-(153*m+2)/5) + 1
	year = int64(y) + 400*cycle
	if m < 10 {
		return year, int64(m) + 3, dayOfMonth
	}
	return year + 1, int64(m) - 9, dayOfMonth
}

// dayOf returns the day of a date of year 0 to 9999, counted from 1970-01-01, and
// whether there is such a date.
func dayOf(year, month, dayOfMonth int) (day int64, ok bool) {
	if month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > 31 {
		return 0, false
	}
	m, y := month-3, year
	if m < 0 {
		m, y = m+12, y-1
	}
	y += 400 // year 0 begins in the cycle before
	before := 365*y + y/4 - y/100 + y/400
	next := (153*(m+1) + 2) / 5
	if m == 11 { // February
		next = 366
		if year%4 != 0 || year%100 == 0 && year%400 != 0 {
			next = 365
		}
	}
	inYear := (153*m+2)/5 + dayOfMonth - 1
	return int64(before+inYear) - daysPer400 - daysOf1970, inYear < next
}
