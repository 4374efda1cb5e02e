// Command gen writes the amd64 kernels of package exact: `go run ./trainer/exact/gen -out kern_amd64.s -stubs kern_amd64.go`.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"

	"github.com/mmcloughlin/avo/build"
)

func main() {
	matmul()
	rows()
	build.Generate()
	out := flag.Lookup("out").Value.String()
	if err := patch(out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

var vpdpwssd = regexp.MustCompile(`(?m)^\tVPDPWSSD +Z(\d+), Z(\d+), Z(\d+)$`)

// patch replaces each VPDPWSSD by VDPBF16PS, which Go's assembler does not know. The two share opcode 52 and differ
// only in the mandatory prefix: 66 for VPDPWSSD, F3 for VDPBF16PS (Intel SDM volume 2, EVEX.512.F3.0F38.W0 52 /r).
func patch(file string) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	out := vpdpwssd.ReplaceAllFunc(src, func(m []byte) []byte {
		g := vpdpwssd.FindSubmatch(m)
		rm, v, d := num(g[1]), num(g[2]), num(g[3])
		not := func(x, b int) int { return (^x >> b) & 1 }
		bytes := []int{0x62, 0x02 | not(d, 3)<<7 | not(rm, 4)<<6 | not(rm, 3)<<5 | not(d, 4)<<4,
			0x06 | (^v&15)<<3, 0x40 | not(v, 4)<<3, 0x52, 0xc0 | d&7<<3 | rm&7}
		text := fmt.Sprintf("\t// VDPBF16PS Z%d, Z%d, Z%d\n\t", rm, v, d)
		for i, b := range bytes {
			if i > 0 {
				text += "; "
			}
			text += fmt.Sprintf("BYTE $0x%02x", b)
		}
		return []byte(text)
	})
	return os.WriteFile(file, out, 0o644)
}

func num(b []byte) int {
	n, err := strconv.Atoi(string(b))
	if err != nil {
		panic(err) // the expression matched digits only
	}
	return n
}
