package main

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/weftnet/weft/trainer/attester"
	"github.com/weftnet/weft/trainer/mirror"
	"github.com/weftnet/weft/trainer/operror"
)

func attestCmd() *cobra.Command {
	var f workerFlags
	var public string
	var stay bool
	c := &cobra.Command{
		Use:   "attest RUN... --base DIR --data TOKENS --eval TOKENS",
		Short: "Attest runs beside a validator: witness deltas, fold them, vote, evaluate",
		Long: "attest needs an account that the validator's operator has linked:\n" +
			"  weft register                                              (the worker)\n" +
			"  weft link WORKER --from operator --keyring-dir ~/.weftd    (the operator)\n" +
			"One process serves several runs.",
		RunE: func(c *cobra.Command, args []string) (err error) {
			w, err := f.setup(c, args, true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			w.p.Emit(&started{Runs: w.numbers(), Account: w.Address(), Role: "attester"})
			if public != "" {
				var shown attester.Public
				for _, x := range w.runs {
					shown = append(shown, x.config)
				}
				stop, err := servePublic(public, shown)
				if err != nil {
					return operror.Hinted("serve the public on", public, err, "name a free address with --http")
				}
				defer func() { err = errors.Join(err, stop()) }()
			}
			errs := make([]error, len(w.runs))
			var wg sync.WaitGroup
			for i := range w.runs {
				wg.Go(func() {
					x := &w.runs[i]
					errs[i] = w.failed("attest run", x, attester.Run(c.Context(), attester.Config{Config: x.config, Stay: stay}))
				})
			}
			wg.Wait()
			return errors.Join(append(errs, w.p.Err())...)
		},
	}
	f.register(c)
	c.Flags().StringSliceVar(&f.eval, "eval", nil, "evaluation token set file that a run pins; may be given several times")
	c.Flags().BoolVar(&stay, "stay", true, "when a run has ended, stay until nobody can dispute it any more")
	c.Flags().StringVar(&public, "http", "",
		"address, e.g. 0.0.0.0:4651, on which everybody may read what is public of the runs (weft audit --from, weft pull --from)")
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
