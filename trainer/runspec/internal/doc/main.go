// Command doc writes the table of a spec's keys.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/weftnet/weft/trainer/runspec"
)

func main() {
	if err := os.WriteFile(os.Args[1], []byte(page()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func page() string {
	var b strings.Builder
	b.WriteString("# Keys of a run's spec\n\nGenerated from `trainer/runspec/fields.go` (`make generate`). `weft model spec` writes a " +
		"file with all of them,\n" +
		"`weft model check` lists every problem at once. Real numbers have at most nine decimals.\n")
	usual, group := runspec.Default(), ""
	for _, f := range runspec.Fields {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&b, "\n## %s%s\n\n| key | default | unit | meaning |\n|---|---|---|---|\n", strings.ToUpper(group[:1]), group[1:])
		}
		value := f.Get(&usual)
		if value == "" {
			value = " "
		} else {
			value = "`" + value + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Key, value, f.Unit, f.Doc)
	}
	return b.String()
}
