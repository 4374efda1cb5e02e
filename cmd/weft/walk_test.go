package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weftnet/weft/devnet/tiny"
)

var walkBin = flag.String("walk", "",
	"folder of weft and weftd: play the walk of docs/operators.md, owners.md and holders.md with them (make walk)")

// walkStep is a block of a page that is played: ```sh step=N home=NAME [background].
type walkStep struct {
	number     int
	home, page string
	background bool
	commands   []string
}

var walkBlock = regexp.MustCompile("(?ms)^```sh step=(\\d+) home=(\\w+)( background)?\n(.*?)^```$")

// walkSteps are the blocks of the pages in their order.
func walkSteps(t *testing.T) (steps []walkStep) {
	t.Helper()
	for _, page := range []string{"operators.md", "owners.md", "holders.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range walkBlock.FindAllStringSubmatch(string(text), -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			steps = append(steps, walkStep{n, m[2], page, m[3] != "", strings.Split(strings.TrimSpace(m[4]), "\n")})
		}
	}
	slices.SortStableFunc(steps, func(a, b walkStep) int { return cmp.Compare(a.number, b.number) })
	for i, s := range steps {
		if s.number != i+1 {
			t.Fatalf("%s: step %d is the %dth", s.page, s.number, i+1)
		}
	}
	return steps
}

// walker plays the pages: each home is a folder with what a newcomer has, a base and two files of records.
type walker struct {
	t    *testing.T
	dir  string
	env  []string
	used map[string]int // commands of weft by home, up to the first PAID
	paid bool
	vote time.Duration // spent waiting for a vote
}

// most commands that a home needs, and the time that all of them take besides voting, up to the first PAID.
const (
	mostCommands = 12
	mostTime     = 2 * time.Minute
)

// TestWalk executes the walk's text: no command fails, and somebody who begins with an empty home is paid soon.
func TestWalk(t *testing.T) {
	steps := walkSteps(t)
	if *walkBin == "" {
		t.Skip("make walk plays it: it takes the default ports of a node and an attester")
	}
	w := &walker{t: t, dir: t.TempDir(), env: append(os.Environ(), "PATH="+*walkBin+":"+os.Getenv("PATH")), used: map[string]int{}}
	began := time.Now()
	for _, s := range steps {
		w.enter(s.home)
		for _, command := range s.commands {
			w.wait(command)
			if s.background {
				w.begin(s, command)
				continue
			}
			out := w.run(s, command)
			if !w.paid && strings.Contains(out, "PAID") {
				w.paid = true
				took := time.Since(began) - w.vote
				t.Logf("first PAID after %s besides %s of voting; commands of weft by home: "+
					"%v", took.Round(time.Second), w.vote.Round(time.Second), w.used)
				if took > mostTime {
					t.Errorf("that is more than %s", mostTime)
				}
			}
		}
	}
	if !w.paid {
		t.Error("nobody was paid")
	}
	for home, n := range w.used {
		if n > mostCommands {
			t.Errorf("%s needs %d commands up to the first PAID", home, n)
		}
	}
}

func (w *walker) enter(home string) {
	w.t.Helper()
	dir := filepath.Join(w.dir, home)
	if _, err := os.Stat(dir); err == nil {
		return
	}
	scratch := w.t.TempDir()
	if err := tiny.Write(scratch); err != nil {
		w.t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "SmolLM2-135M-Instruct"), os.DirFS(filepath.Join(scratch, tiny.Base))); err != nil {
		w.t.Fatal(err)
	}
	for name, file := range map[string]string{"train.jsonl": tiny.Train, "eval.jsonl": tiny.Eval} {
		if err := os.Rename(filepath.Join(scratch, file), filepath.Join(dir, name)); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *walker) command(s walkStep, command string) *exec.Cmd {
	if strings.HasPrefix(command, "weft ") && !w.paid {
		w.used[s.home]++
	}
	c := exec.Command("bash", "-c", command)
	c.Dir = filepath.Join(w.dir, s.home)
	c.Env = append(slices.Clone(w.env), "HOME="+c.Dir)
	return c
}

var accountLine = regexp.MustCompile(`account (weft1\w+)`)

// run plays a command, which must succeed.
func (w *walker) run(s walkStep, command string) string {
	w.t.Helper()
	began := time.Now()
	out, err := w.command(s, command).CombinedOutput()
	w.t.Logf("%s: %s: %s (%s)\n%s", s.page, s.home, command, time.Since(began).Round(time.Millisecond), out)
	if err != nil {
		w.t.Fatalf("%s: %s: %v", s.home, command, err)
	}
	if m := accountLine.FindSubmatch(out); m != nil && command == "weft init" {
		w.env = append(w.env, fmt.Sprintf("%s=%s", strings.ToUpper(s.home), m[1]))
	}
	return string(out)
}

// begin starts a command that goes on, and stops it when the test ends.
func (w *walker) begin(s walkStep, command string) {
	w.t.Helper()
	c := w.command(s, "exec "+command)
	if !strings.HasPrefix(command, "weftd") {
		w.used[s.home]++
	}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGINT)
		_ = c.Wait()
		if w.t.Failed() {
			w.t.Logf("%s: %s\n%s", s.home, command, out.Bytes()[max(0, out.Len()-4000):])
		}
	})
}

// wait waits until what a reader would wait for is there: the node's first block, and the vote's result.
func (w *walker) wait(command string) {
	ready := func(probe, says string) {
		began := time.Now()
		for time.Since(began) < time.Minute {
			c := exec.Command("bash", "-c", probe)
			c.Env, c.Dir = append(slices.Clone(w.env), "HOME="+filepath.Join(w.dir, "validator")), w.dir
			if out, err := c.CombinedOutput(); err == nil && strings.Contains(string(out), says) {
				w.vote += time.Since(began)
				return
			}
			time.Sleep(200 * time.Millisecond)
		}
		w.t.Fatalf("%s does not say %q", probe, says)
	}
	switch {
	case command == "weft register":
		ready("weft runs", "there are no runs")
		w.vote = 0
	case strings.HasPrefix(command, "weft attest"):
		ready("weft runs", "tiny")
	}
}
