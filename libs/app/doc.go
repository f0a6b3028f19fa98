// Package app is what every program shares: configuration from defaults, file and environment, signals and exit
// codes, the HTTP server for metrics and health, and the version.
package app
