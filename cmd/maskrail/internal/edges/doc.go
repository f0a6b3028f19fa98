// Package edges holds the cases in which pipelines are known to go wrong between the raw bucket and the sandbox. Its tests run
// the four services together on a bus and a store in memory, in virtual time, with a sandbox that is a file; the table that
// they are is written into docs/edge-cases.md. There is no other code.
package edges
