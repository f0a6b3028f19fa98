// Package mutation holds the gate against maskers that are broken on purpose. Its tests mask an object with the real masker,
// change what it wrote or what it says as a broken one would, sign that with the masker's own key, and want the validator to
// refuse it. There is no other code: what is tested are the two services, which may not import each other.
package mutation
