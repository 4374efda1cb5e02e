package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer"
	"github.com/weftnet/weft/trainer/mirror"
)

func attestCmd() *cobra.Command {
	var f workerFlags
	var public string
	var stay bool
	c := &cobra.Command{
		Use:   "attest RUN --base DIR --data TOKENS --eval TOKENS",
		Short: "Attest a run beside a validator: witness deltas, fold them, vote, evaluate",
		Long: "attest needs an account that the validator's operator has linked:\n" +
			"  weftd tx worker link-validator ACCOUNT --from OPERATOR",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			run, err := runArg(args[0])
			if err != nil {
				return err
			}
			w, err := f.setup(c, run, true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			out(c).event("started", fields{"run": run, "account": w.client.Address()}, "attesting run %d as %s", run, w.client.Address())
			if public != "" {
				stop, err := servePublic(public, trainer.Public{Config: w.config})
				if err != nil {
					return failed("serve the public on", public, err)
				}
				defer func() { err = errors.Join(err, stop()) }()
			}
			a := &trainer.Attester{Config: w.config, Stay: stay}
			return failed("attest run", fmt.Sprint(run), a.Run(c.Context()))
		},
	}
	f.register(c)
	c.Flags().StringVar(&f.eval, "eval", "", "evaluation token set file that the run pins")
	c.Flags().BoolVar(&stay, "stay", true, "when the run has ended, stay until nobody can dispute it any more")
	c.Flags().StringVar(&public, "http", "", "address, e.g. 0.0.0.0:4651, on which everybody may read what is public of the run (weft audit --from)")
	return c
}

// servePublic serves what is public over HTTP until stop is called.
func servePublic(addr string, s mirror.Source) (stop func() error, err error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Handler: mirror.Handler(s), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	return func() error {
		err := srv.Close()
		if e := <-done; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	}, nil
}
