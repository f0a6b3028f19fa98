// Package sketch is what a masker tells a validator about the identifiers of a raw object without telling what they are:
// keyed hashes of their canonical forms. The validator hashes what it reads in the masked object in the same way; what is
// in the sketch has survived the masking.
//
// The key is random and of one object alone, and sealed to the validator (HPKE, RFC 9180). Whoever has key and sketch can
// try all telephone numbers, so a sketch lies where only the validator reads, and is deleted with the verdict.
//
// # Canonical forms
//
// Masker and validator each bring values into these forms by code of their own:
//
//   - number: decimal digits as ASCII, without leading zeros. Telephone numbers as E.164 with the country code and without
//     the plus; those of other countries than the policy's region also without it.
//   - mail: the address alone, in lower case.
//   - word: letters and digits alone, in lower case: an id with a letter and a digit in it.
//   - name: of every word its letters, without accents and in lower case; Pair and Triple make one value of two and three.
//
// Each has at least MinLength characters, and is no placeholder.
//
// # False hits
//
// A hash has 60 bits, and four more that say what kind of value it is, so that only values of one kind can be confused. A
// candidate that is no value of the object is taken for one with a probability of n/2^60, where n are the values of its
// kind; among m candidates m·n/2^60 are expected. That is 0.0014 for 10^8 candidates against 1.6·10^7 values, and
// stays below 0.01 up to m·n = 10^16.
//
// That is the chance of the hash. Short numbers have another: a duration of six digits can be equal to an account number of
// six digits. Count tells how many numbers of each length there are, for the validator to judge that.
package sketch
