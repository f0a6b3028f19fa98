package cli

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
)

// newGateway is the S3 server that a stack runs in a process of its own.
func newGateway(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:    stack.GatewayCommand,
		Hidden: true,
		Args:   noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return stack.ServeGateway(c.Context(), os.Stdin, t.out)
		},
	}
}
