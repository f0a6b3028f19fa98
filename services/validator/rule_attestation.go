package validator

import "fmt"

// checkAttestation holds the masker's statement against the bytes, the reference and the policy in force.
func checkAttestation(e *evidence) (string, []Finding) {
	var found []Finding
	wrong := func(class, format string, a ...any) {
		found = append(found, Finding{Class: class, Detail: fmt.Sprintf(format, a...)})
	}
	in := e.ref
	if e.sha256 != in.Object.SHA256 {
		wrong(ClassAttestation, "the object's bytes are not those of the reference: it was overwritten after it was masked")
	}
	if in.Object.Bytes > 0 && in.Object.Bytes != e.bytes {
		wrong(ClassAttestation, "the object has %d bytes, the reference says %d", e.bytes, in.Object.Bytes)
	}
	switch {
	case e.policy == nil:
		wrong(ClassNoPolicy, "this environment's policy file has no policy for the entity")
	case in.Policy != e.policy.Digest():
		wrong(ClassAttestation, "the reference names another policy than this environment's: mask the object again under the policy in force")
	}
	m := e.attested
	if m == nil {
		wrong(ClassAttestation, "%s", e.doubt)
		return "", found
	}
	for _, c := range []struct {
		ok   bool
		what string
	}{
		{m.Environment == e.environment, "for another environment"},
		{m.Entity == in.Entity, "about another entity than the reference"},
		{m.Tenant == in.Tenant, "about another tenant than the reference"},
		{m.Policy == in.Policy, "about another policy than the reference"},
		{e.policy == nil || m.Policy == e.policy.Digest(), "about another policy than this environment's"},
		{in.Source != nil && m.Source.Identity == in.Source.Identity(), "about another source than the reference"},
		{m.KeyEpoch == in.KeyEpoch, "about another key epoch than the reference"},
	} {
		if !c.ok {
			wrong(ClassAttestation, "the masker's statement is %s", c.what)
		}
	}
	return "signed by a trusted masker, about these bytes", found
}

// checkFile reports a file that could not be read to its end.
func checkFile(e *evidence) (string, []Finding) {
	if e.fault != nil {
		return "", []Finding{{Class: ClassMalformed, Field: e.fault.Column, Detail: e.fault.Error()}}
	}
	return plural(e.bytes, "byte"), nil
}
