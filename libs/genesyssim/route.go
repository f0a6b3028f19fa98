package genesyssim

import "net/http"

// api says which limits and headers a route has.
type api uint8

const (
	login api = iota
	analytics
	guide
)

const jobsPath = "/api/v2/analytics/conversations/details/jobs"

// routes are all operations, and the permission that each takes.
func (s *Sim) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern    string
		api        api
		permission string
		serve      func(*exchange) reply
	}{
		{"POST /oauth/token", login, "", s.mint},

		{"POST " + jobsPath, analytics, PermissionDetails, s.createDetails},
		{"GET " + jobsPath + "/availability", analytics, PermissionDetails, s.availability},
		{"GET " + jobsPath + "/{job}", analytics, PermissionDetails, s.detailsStatus},
		{"GET " + jobsPath + "/{job}/results", analytics, PermissionDetails, s.detailsResults},
		{"DELETE " + jobsPath + "/{job}", analytics, PermissionDetails, s.cancelDetails},
		{"POST /api/v2/analytics/conversations/details/query", analytics, PermissionDetails, s.query},
		{"GET /api/v2/analytics/conversations/details", analytics, PermissionDetails, s.several},
		{"GET /api/v2/analytics/conversations/{id}/details", analytics, PermissionDetails, s.single},

		{"GET /api/v2/conversations/{id}/customattributes", analytics, PermissionCustom, s.customAttributes},

		{"GET /api/v2/data/export/schemas", guide, PermissionExport, s.schemas},
		{"POST /api/v2/data/export", guide, PermissionExport, s.createExport},
		{"GET /api/v2/data/export", guide, PermissionExport, s.listExports},
		{"GET /api/v2/data/export/{job}", guide, PermissionExport, s.exportStatus},
		{"DELETE /api/v2/data/export/{job}", guide, PermissionExport, s.cancelExport},

		{"POST /api/v2/data/import", guide, PermissionImport, s.createImport},
		{"GET /api/v2/data/import/{job}", guide, PermissionImport, s.importStatus},
		{"POST /api/v2/interactionlogs/customfields", guide, PermissionFields, s.createField},
		{"GET /api/v2/interactionlogs/customfields", guide, PermissionFields, s.listFields},
		{"GET /analytics/tables/v2/interactions", guide, PermissionDetails, s.table},

		{"/", analytics, "", s.unknown},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, q *http.Request) {
			s.exchange(w, q, r.api, r.permission, r.serve)
		})
	}
	return mux
}

// ServeHTTP answers a request.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Sim) unknown(x *exchange) reply {
	return x.refuse(http.StatusNotFound, "not.found", "The requested resource does not exist.")
}
