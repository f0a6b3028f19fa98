package cli

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/quarantine"
	"github.com/maskrail/maskrail/libs/synth"
)

// completing is how long a shell waits for what only the servers know.
const completing = 3 * time.Second

// completions gives flags and arguments what a shell offers for them, by their name: a flag means the same in every command.
func completions(root *cobra.Command) {
	yaml := extensions("yaml", "yml")
	flags := map[string]cobra.CompletionFunc{
		"policy": yaml, "sources": yaml, "exporter-config": yaml,
		"dir": folders, "trust": folders,
		"env":    completeEnvironment,
		"entity": completeEntity,
		"stage":  cobra.FixedCompletions([]string{string(objref.AtRaw), string(objref.AtMasked), string(objref.AtValidated)}, cobra.ShellCompDirectiveNoFileComp),
		"reason": completeStopped(func(i quarantine.Item) string { return i.Reason.Class }),
		"field":  completeStopped(func(i quarantine.Item) string { return strings.ReplaceAll(i.Reason.Field, `"`, "") }),
		"notes":  cobra.FixedCompletions(synth.Notes(), cobra.ShellCompDirectiveNoFileComp),
	}
	arguments := map[string]cobra.CompletionFunc{
		"policy lint": upTo(1, yaml), "policy explain": upTo(1, yaml), "policy test": upTo(1, yaml), "policy diff": upTo(2, yaml),
		"trust add": upTo(1, folders), "trust allow": upTo(1, folders),
		"mask": upTo(1, nil), "preview": upTo(1, nil), "policy infer": upTo(1, nil),
		"run": nil, "scan": nil, "policy suggest": nil,
		"verify":             completeMasked,
		"quarantine show":    upTo(1, completeObject(objref.Rejected, objref.Dead, objref.Discarded, objref.Released, objref.Loaded, objref.Skipped)),
		"quarantine release": completeObject(objref.Rejected, objref.Dead, objref.Discarded),
		"quarantine discard": completeObject(objref.Rejected, objref.Dead, objref.Released),
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if _, there := c.GetFlagCompletionFunc(f.Name); there || f.Value.Type() == "bool" {
				return
			}
			if complete := flags[f.Name]; complete != nil {
				_ = c.RegisterFlagCompletionFunc(f.Name, complete) // the flag is there
			}
		})
		if complete, some := arguments[strings.TrimPrefix(c.CommandPath(), root.Name()+" ")]; some {
			c.ValidArgsFunction = complete
		} else if c.RunE != nil && c.ValidArgs == nil && c.ValidArgsFunction == nil {
			c.ValidArgsFunction = cobra.NoFileCompletions // it is told everything by flags
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// upTo stops after so many arguments. Without a function of their own these are files.
func upTo(n int, complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch {
		case len(args) >= n:
			return nil, cobra.ShellCompDirectiveNoFileComp
		case complete == nil:
			return nil, cobra.ShellCompDirectiveDefault
		}
		return complete(c, args, begun)
	}
}

func extensions(endings ...string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return endings, cobra.ShellCompDirectiveFilterFileExt
	}
}

func folders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// folder is the stack's folder that the command line names so far.
func folder(c *cobra.Command) stack.Dir {
	dir, err := c.Flags().GetString("dir")
	if err != nil || dir == "" {
		return ""
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return ""
	}
	return stack.Dir(dir)
}

func completeEnvironment(c *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if dir := folder(c); dir != "" {
		return dir.Environments(), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// completeEntity offers the entities of the policy: that of --policy, or that which is the argument.
func completeEntity(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if c.Name() == "synth" {
		return synth.Entities(), cobra.ShellCompDirectiveNoFileComp
	}
	path, err := c.Flags().GetString("policy")
	if err != nil && len(args) > 0 {
		path = args[0]
	}
	if path == "" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	set, err := policy.Load(path)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return entities(set), cobra.ShellCompDirectiveNoFileComp
}

// completeObject offers the objects of the quarantine that are in one of those states, and says why they were stopped.
func completeObject(states ...objref.State) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, _ string) (ids []cobra.Completion, _ cobra.ShellCompDirective) {
		for _, i := range stoppedItems(c) {
			if slices.Contains(states, i.State) && !slices.Contains(args, i.Object) {
				ids = append(ids, cobra.CompletionWithDesc(i.Object, strings.Join([]string{i.Entity, string(i.State), i.Reason.Class}, " ")))
			}
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
}

func completeStopped(of func(quarantine.Item) string) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
		for _, i := range stoppedItems(c) {
			if name := of(i); name != "" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp
	}
}

// stoppedItems asks the servers; whatever goes wrong, there is nothing to offer.
func stoppedItems(c *cobra.Command) []quarantine.Item {
	b := bare{dir: string(folder(c)), env: defaultEnvironment}
	if env, err := c.Flags().GetString("env"); err == nil {
		b.env = env
	}
	for name, value := range map[string]*string{"nats": &b.remote.NATS, "nats-credentials": &b.remote.NATSCredentials, "s3": &b.remote.S3, "s3-region": &b.remote.Region} {
		*value, _ = c.Flags().GetString(name)
	}
	b.remote.PathStyle, _ = c.Flags().GetBool("s3-path-style")
	b.remote.Buckets = app.DefaultCommon().Buckets
	ctx, cancel := context.WithTimeout(context.Background(), completing)
	defer cancel()
	s, err := b.connect(ctx, &terminal{out: io.Discard, err: io.Discard})
	if err != nil {
		return nil
	}
	defer s.close(ctx)
	items, err := s.quarantine().List(ctx)
	if err != nil {
		return nil
	}
	return items
}

// completeMasked offers files, or, with --dir, the objects of the stack's masked bucket as BUCKET/KEY.
func completeMasked(c *cobra.Command, args []string, begun string) (keys []cobra.Completion, _ cobra.ShellCompDirective) {
	dir := folder(c)
	if dir == "" {
		return nil, cobra.ShellCompDirectiveDefault
	}
	files, err := verification{dir: string(dir)}.stored(nil)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for _, f := range files {
		key, err := filepath.Rel(dir.Bucket(""), f)
		if err == nil && strings.HasPrefix(key, begun) && !slices.Contains(args, key) {
			keys = append(keys, filepath.ToSlash(key))
		}
	}
	return keys, cobra.ShellCompDirectiveNoFileComp
}

// hideRemote takes the flags of servers elsewhere out of a command's help.
func hideRemote(c *cobra.Command) {
	remote := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(stack.Remote).Flags(remote)
	remote.VisitAll(func(f *pflag.Flag) { _ = c.Flags().MarkHidden(f.Name) }) // a flag that is not there need not be hidden
}
