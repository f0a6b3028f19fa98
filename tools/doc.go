// Package tools holds the tool directives of the workspace and no code.
package tools
