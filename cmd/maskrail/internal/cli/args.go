package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
)

// noArgs is for commands that are told everything by flags.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q is not a flag, and this command takes nothing else", args[0])
	}
	return nil
}

// oneArg wants a single argument; what says which.
func oneArg(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return fmt.Errorf("the argument is missing: name %s", what)
		case 1:
			return nil
		}
		return fmt.Errorf("%d arguments: name %s alone", len(args), what)
	}
}

// someArgs wants at least one argument.
func someArgs(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("the arguments are missing: name %s", what)
		}
		return nil
	}
}

// group makes a command that only holds others refuse a name that none of them has, where cobra would print the help
// and call it success.
func group(c *cobra.Command) {
	c.DisableFlagsInUseLine = true
	c.SuggestionsMinimumDistance = 2
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(c, args[0])
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if names := c.Flags().Args(); c.HasSubCommands() && len(names) > 0 {
			return unknownCommand(c, names[0]) // its flags are unknown because the command is
		}
		return err
	})
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
}

func unknownCommand(c *cobra.Command, name string) error {
	text := fmt.Sprintf("unknown command %q", name)
	if near := c.SuggestionsFor(name); len(near) > 0 {
		text += ": did you mean " + strings.Join(near, " or ") + "?"
	}
	return errors.New(text)
}

// newHelp is cobra's help, but with an exit code for a topic that is none.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about any command",
		RunE: func(c *cobra.Command, args []string) error {
			topic, rest, err := c.Root().Find(args)
			if err != nil {
				return app.Usage(err)
			}
			if len(rest) > 0 {
				return app.Usage(unknownCommand(topic, rest[0]))
			}
			topic.InitDefaultHelpFlag()
			return topic.Help()
		},
	}
}
