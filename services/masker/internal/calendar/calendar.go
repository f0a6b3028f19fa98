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
	n += offset
	cycles := floor(n, cycle)
	n -= cycle * cycles
	year = (n - n/1460 + n/36_524 - n/146_096) / 365
	ofYear := int(n - (365*year + year/4 - year/100))
	month = (5*ofYear + 2) / 153 // March is 0
	day = ofYear - (153*month+2)/5 + 1
	if month = (month+2)%12 + 1; month <= 2 {
		year++
	}
	return year + 400*cycles, month, day
}

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
