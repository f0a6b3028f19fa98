package validator

// Anonymity is how well rows hide in groups of equal values in the columns that the policy names under quasi.
type Anonymity struct {
	Columns []string           `json:"columns"`
	K       int64              `json:"k"`
	Tenants []TenantsAnonymity `json:"tenants"`
}

// TenantsAnonymity is that of the rows of one tenant.
type TenantsAnonymity struct {
	Tenant   string `json:"tenant"`
	Rows     int64  `json:"rows"`
	Groups   int64  `json:"groups"`
	Smallest int64  `json:"smallest"` // rows of the smallest group
	Below    int64  `json:"below"`    // rows in groups of fewer than K
}
