// Package detect finds sensitive spans in text: phone numbers, mail addresses,
// payment cards and US social security numbers. A whole cell and a sentence are
// the same thing to it.
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
// all, an at sign or a digit. Digits are gathered into a chain: groups of
// digits with short separators between them ("(415) 555-0142" is a chain of
// three groups). Only complete chains with enough digits reach a detector, and
// a detector looks at windows that begin and end at a group's edge, so "the
// middle of a longer number" is never a finding.
//
// A new class is one file with a detector and one line in the registry.
package detect
