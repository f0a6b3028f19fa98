// Package invent has realistic values: names, companies, addresses. They are put together of the lists of
// github.com/brianvoe/gofakeit/v7, which are American English, with the letter case they have there. An entry with a
// digit is left out, so that a digit in a column of names is never an invention; house numbers are the exception.
//
// The lists are data of that library: with another version of it a number can stand for another value, and the Writer of
// package masker has to be raised.
package invent

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/brianvoe/gofakeit/v7/data"
)

// Kind is a kind of values, numbered from 0:
//
//	name       802,278   a first and a last name
//	firstName  1,611
//	lastName   498
//	company    522
//	job        186
//	street     280,771,920   a house number of 1 to 9999 and a street
//	city       98
//	state      50
//	country    249
//
// It is safe for concurrent use.
type Kind struct {
	parts  [][]string // a value is one entry of each, one after the other
	values uint64
	room   int
}

// maxHouse is the highest house number.
const maxHouse = 9999

var kinds = sync.OnceValue(func() map[string]*Kind {
	first, last := list(data.Person["first"]), list(data.Person["last"])
	space := []string{" "}
	houses := make([]string, maxHouse)
	for i := range houses {
		houses[i] = strconv.Itoa(i + 1)
	}
	prefixes := []string{""}
	for _, p := range list(data.Address["street_prefix"]) {
		prefixes = append(prefixes, p+" ")
	}
	return map[string]*Kind{
		"name":      join(first, space, last),
		"firstName": join(first),
		"lastName":  join(last),
		"company":   join(list(data.Company["name"])),
		"job":       join(list(data.Job["title"])),
		"street":    join(houses, space, prefixes, list(data.Address["street_name"]), list(data.Address["street_suffix"])),
		"city":      join(list(data.Address["city"])),
		"state":     join(list(data.Address["state"])),
		"country":   join(list(data.Address["country"])),
	}
})

// Of is the kind of a name; false when there is none.
func Of(name string) (*Kind, bool) {
	k, ok := kinds()[name]
	return k, ok
}

// list is the library's list in its order, each entry once.
func list(entries []string) []string {
	seen := make(map[string]bool, len(entries))
	return slices.DeleteFunc(slices.Clone(entries), func(e string) bool {
		again := seen[e]
		seen[e] = true
		return again || strings.ContainsAny(e, "0123456789")
	})
}

func join(parts ...[]string) *Kind {
	k := &Kind{parts: parts, values: 1}
	for _, p := range parts {
		k.values *= uint64(len(p))
		longest := 0
		for _, entry := range p {
			longest = max(longest, len(entry))
		}
		k.room += longest
	}
	return k
}

// Values is how many values the kind has.
func (k *Kind) Values() uint64 { return k.values }

// Room is how many bytes the longest value has.
func (k *Kind) Room() int { return k.room }

// Append appends value number i, which must be below Values.
func (k *Kind) Append(dst []byte, i uint64) []byte {
	for _, p := range k.parts {
		n := uint64(len(p))
		dst = append(dst, p[i%n]...)
		i /= n
	}
	return dst
}
