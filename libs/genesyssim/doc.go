// Package genesyssim is a contact centre's cloud, simulated: it speaks the real analytics API (conversation-details jobs,
// the detail query) and the export and import contract of the guides, with their limits, delays, faults and drift. What
// it serves is a pure function of seed and time, so that a test knows the truth beforehand.
//
//	sim, err := genesyssim.New(genesyssim.Config{Seed: 7, From: from, Every: time.Minute, Store: store})
//	server := httptest.NewServer(sim)               // one host for login and API, or
//	client, done := genesyssim.Pipe(sim)            // a client without a network, for testing/synctest
//
// A Sim is an http.Handler. Sim.Conversations and Sim.Interactions are the ground truth; Sim.Queues and Sim.Divisions
// tell whose each is; Sim.Inject adds a Fault, as Config.Faults and the YAML of ParseScript do; Sim.Requests counts what was asked,
// and Sim.Hits what went wrong.
// Sim.Settle finishes the jobs that are due; every request does it too.
//
// The API trusts the Host header: a token of login.mypurecloud.ie is good at api.mypurecloud.ie alone. Any host without
// such a prefix is one region of its own. It starts no goroutine and no timer outside of requests.
package genesyssim
