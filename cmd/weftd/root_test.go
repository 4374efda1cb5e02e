package main

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// A subcommand that does not exist is an error in every group of commands, of ours and of the SDK.
func TestUnknownSubcommandFails(t *testing.T) {
	root, err := newRoot(t.TempDir())
	require.NoError(t, err)
	_, _, err = root.Find([]string{"no-such-command"})
	require.ErrorContains(t, err, "unknown command")
	all := groups(root)
	require.Greater(t, len(all), 30)
	for _, group := range all {
		args := []string{"no-such-command"}
		err := group.ValidateArgs(args)
		if err == nil && group.RunE != nil {
			err = group.RunE(group, args)
		}
		require.ErrorContains(t, err, "unknown command", group.CommandPath())
	}
}

// groups are the commands below cmd that have subcommands.
func groups(cmd *cobra.Command) (list []*cobra.Command) {
	for _, sub := range cmd.Commands() {
		if sub.HasSubCommands() {
			list = append(append(list, sub), groups(sub)...)
		}
	}
	return list
}
