package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// Service is the main function of a service: it reads the configuration over the defaults in cfg, from the file that
// --config or MASKRAIL_CONFIG names and from the environment, and serves until it is stopped. It returns the exit code.
func Service[C any](name string, cfg C, serve func(context.Context, C) error) int {
	return Daemon(name, func(ctx context.Context) error {
		flags := flag.NewFlagSet(name, flag.ContinueOnError)
		flags.SetOutput(io.Discard) // errors are Main's to print
		path := flags.String("config", os.Getenv(EnvPrefix+"CONFIG"), "path of the configuration `file` (YAML); "+EnvPrefix+" variables come on top")
		version := flags.Bool("version", false, "print the version and exit")
		switch err := flags.Parse(os.Args[1:]); {
		case errors.Is(err, flag.ErrHelp):
			flags.SetOutput(os.Stdout)
			flags.Usage()
			return nil
		case err != nil:
			return Usage(err)
		case flags.NArg() > 0:
			return Usage(fmt.Errorf("argument %q is not expected", flags.Arg(0)))
		case *version:
			_, err := fmt.Println(name, Version())
			return err
		}
		if err := Load(*path, &cfg); err != nil {
			return err
		}
		return serve(ctx, cfg)
	})
}
