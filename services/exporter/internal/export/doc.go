// Package export has the sources of an exporter deliver: it decides which spans of time are asked for and when, cuts them into
// windows, has each exported, stores what comes, and knows up to where everything is loaded.
//
// What it knows lies in the raw bucket, beside the objects that it is about: a journal for each run that is under way, the marks
// of each source, and the audit log. A process that dies leaves a journal from which the next one goes on. The bus has a
// lease alone, so that two processes do not do the same work; losing it costs repeats.
package export
