package synth

import (
	"fmt"
	"math/rand/v2"
)

// The ways in which a record can be unclear about its tenant.
const (
	TenantByQueue     = "queue"     // no attribute says it; queue and division do
	TenantByDivision  = "division"  // the division alone
	TenantByDivisions = "divisions" // divisions of two tenants
	TenantNowhere     = "nowhere"   // nothing does
	TenantBlank       = "blank"     // the attribute is a space
	TenantUnknown     = "unknown"   // the attribute names StrangeTenant
	TenantConflict    = "conflict"  // attributes of two participants name two tenants
	TenantCase        = "case"      // the attribute's key is Tenant_ID
)

// TenantOddities are all of these ways.
func TenantOddities() []string {
	return []string{TenantByQueue, TenantByDivision, TenantByDivisions, TenantNowhere, TenantBlank, TenantUnknown, TenantConflict, TenantCase}
}

// StrangeTenant is nobody's tenant.
const StrangeTenant = "umbrella"

const tenantKey = "tenant_id"

// Confuse makes the record unclear about its tenant, in one of TenantOddities. other is the tenant that it is mixed up
// with, where one is needed.
func (d *Detail) Confuse(how, other string) {
	switch how {
	case TenantConflict:
		last := d.c.Participants[len(d.c.Participants)-1]
		last.Attributes = withAttribute(last.Attributes, tenantKey, other)
		first := d.c.Participants[0]
		first.Attributes = withAttribute(first.Attributes, tenantKey, d.Tenant)
		return
	case TenantByDivision:
		d.forgetQueues()
	case TenantByDivisions:
		d.forgetQueues()
		d.c.DivisionIDs = []string{fixedUUID("division of "+d.Tenant, 0), fixedUUID("division of "+other, 0)}
	case TenantNowhere:
		d.forgetQueues()
		d.c.DivisionIDs = []string{fixedUUID("division", 0)}
	}
	for i, p := range d.c.Participants {
		_, had := p.Attributes[tenantKey]
		delete(p.Attributes, tenantKey)
		if !had && i > 0 {
			continue
		}
		switch how {
		case TenantBlank:
			p.Attributes = withAttribute(p.Attributes, tenantKey, " ")
		case TenantUnknown:
			p.Attributes = withAttribute(p.Attributes, tenantKey, StrangeTenant)
		case TenantCase:
			p.Attributes = withAttribute(p.Attributes, "Tenant_ID", d.Tenant)
		}
	}
}

func withAttribute(m map[string]text, key, value string) map[string]text {
	if m == nil {
		m = map[string]text{}
	}
	m[key] = is(value)
	return m
}

// forgetQueues puts queues that are nobody's in place of the tenant's.
func (d *Detail) forgetQueues() {
	for _, p := range d.c.Participants {
		for _, x := range p.Sessions {
			for i := range x.Segments {
				if q := &x.Segments[i].QueueID; q.state == given {
					*q = is(fixedUUID("queue", 0))
				}
			}
		}
	}
}

// Transcript is what was said in the interaction, in clear.
func (r Interaction) Transcript() string {
	words := rand.New(rand.NewPCG(uint64(r.Start.UnixMilli()), uint64(r.DurationMs)))
	return fmt.Sprintf("agent: Who am I speaking to?\ncustomer: %s %s, my number is %s.\nagent: %s\ncustomer: %s",
		r.FirstName, r.LastName, r.PhoneNumber, sentences(words, 60), sentences(words, 90))
}
