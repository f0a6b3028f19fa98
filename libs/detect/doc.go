// Package detect finds sensitive spans in text: numbers of phones, cards,
// accounts and documents, addresses of people and machines, dates of birth, names.
// A whole cell and a sentence are the same thing to it. docs/detection.md says of
// each class what it takes.
//
// Two callers depend on opposite mistakes being rare. The masker's scrub
// replaces what is found, so a miss is a leak. The validator refuses an object
// on any hit, so the tokens the masker writes (base32 words, version 8 UUIDs,
// mail under ".invalid", "+999" numbers, cards that fail Luhn) and the numbers
// contact centres are full of (UUIDs, epoch milliseconds, ISO timestamps,
// order numbers) must never be one. Where both cannot be had, a number that
// looks real is a hit.
//
// How it works: one pass over the bytes looks for what can start a finding at
// all, an at sign, a digit, a word of some class's list, a mark that joins the
// parts of an address. Digits are gathered into a chain: groups of digits with
// short separators between them ("(415) 555-0142" is a chain of three groups).
// Only complete chains with enough digits reach a detector, and a detector looks
// at windows that begin and end at a group's edge, so "the middle of a longer
// number" is never a finding. What a word announces is read behind it, or right
// before it, within a bounded number of bytes. Numbers that are said in words are
// searched as digits, in a view of the text that knows where each comes from.
//
// A new class is one file with a detector and one line in the registry. A
// detector that looks further than a bounded number of bytes makes long texts
// expensive.
package detect
