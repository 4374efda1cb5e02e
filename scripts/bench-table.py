"""Writes the tables of a benchmark between its markers in a Markdown file; other text stays as it is.

    bench-table.py peft|llama runs.jsonl docs/benchmarks.md

A line of runs.jsonl is one process. The repetitions of equal configurations are pooled; speeds are their median and best.
"""

import datetime
import json
import os
import platform
import statistics
import subprocess
import sys


def cpu():
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def machine(versions):
    go = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout.strip()
    date = datetime.date.today().isoformat()
    return f"{date}; {cpu()}, {os.cpu_count()} processors, {platform.system()}; {go}; {versions}."


def pool(runs, keys):
    """Runs by configuration, in order of appearance."""
    groups = {}
    for r in runs:
        groups.setdefault(tuple(r.get(k) for k in keys), []).append(r)
    return groups


def speed(runs, field, work):
    times = [t for r in runs for t in r[field]]
    return work / statistics.median(times), work / min(times)


def memory(runs):
    peaks = [r["peak_memory"] for r in runs]
    return "unknown" if None in peaks else f"{max(peaks) / 1e9:.2f} GB"


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(r) + " |" for r in rows])


def features(system):
    """The processor features that llama.cpp says its build uses."""
    return ", ".join(x.split("=")[0].strip().removeprefix("CPU :").strip() for x in system.split("|") if x.strip().endswith("= 1"))


def losers(lost, other):
    return f"Weft was slower than {other} at: {'; '.join(lost) if lost else 'none of these'}."


def trained(runs):
    return speed(runs, "step_seconds", runs[0]["seq"] * runs[0]["batch"])


def side(runs):
    """Weft and PEFT side by side, and the configurations in which PEFT was faster."""
    rows, lost = [], []
    groups = pool(runs, ("seq", "batch", "numerics", "bench"))
    pairs = {"exact-bf16/1": "bfloat16", "exact-f32/1": "float32"}
    for (seq, batch, numerics, bench), ours in groups.items():
        if bench != "train":
            continue
        theirs = groups[seq, batch, pairs[numerics], "peft"]
        (m, b), (pm, pb) = trained(ours), trained(theirs)
        what = f"{batch} × {seq}, {numerics} against {pairs[numerics]}"
        rows.append([f"{batch} × {seq}", f"{numerics} ({ours[0]['kernel']})", pairs[numerics], f"{m:.0f} ({b:.0f})", f"{pm:.0f} ({pb:.0f})", f"**{m / pm:.2f}**",
                     memory(ours), memory(theirs)])
        if m < pm:
            lost.append(what)
    head = ["sequences × tokens", "Weft", "PEFT", "Weft tokens/s: median (best)", "PEFT tokens/s: median (best)", "ratio of medians", "Weft peak memory", "PEFT peak memory"]
    return table(head, rows) + "\n\n" + losers(lost, "PEFT")


def alone(runs):
    """Weft by itself: kernels, threads, a large shape."""
    rows = []
    for group in pool(runs, ("group", "base", "numerics", "kernel", "threads", "seq", "batch", "max_memory")).values():
        r, (m, b) = group[0], trained(group)
        share = statistics.median(x["kernel_share"] for x in group)
        limit = f"{r['max_memory'] / 1e9:g} GB" if r["max_memory"] else "none"
        rows.append([os.path.basename(r["base"]), f"{r['batch']} × {r['seq']}", r["numerics"], r["kernel"], str(r["threads"]), limit, f"{m:.1f} ({b:.1f})", f"{100 * share:.0f} %",
                     memory(group), f"{max(x['allocations_per_step'] for x in group):.0f}"])
    head = ["base or shape", "sequences × tokens", "numerics", "kernel", "threads", "`--max-memory`", "tokens/s: median (best)", "of the kernel's peak", "peak memory", "allocations per step"]
    return table(head, rows)


def peft(runs):
    theirs = next(r for r in runs if r["bench"] == "peft")
    weft = next(r for r in runs if r["bench"] == "train")
    return "\n\n".join([
        f"Written by `make bench-peft`. {machine(theirs['versions'])} Training steps of SmolLM2-135M (forward, backward, AdamW), LoRA r = 8 on all seven projections, every token "
        f"weighted, {weft['threads']} threads on both sides; each configuration ran as Weft, PEFT, Weft, PEFT, {weft['steps']} measured steps each.",
        side([r for r in runs if r["group"] == "side"]),
        "Weft with forced kernels (`WEFT_ENGINE`), with one and two threads, and on a large shape within a memory limit:",
        alone([r for r in runs if r["group"] != "side"]),
    ])


def llama(runs):
    groups, rows, lost = pool(runs, ("prompt", "tokens", "bench")), [], []
    for (prompt, tokens, bench), ours in groups.items():
        if bench != "generate":
            continue
        theirs = groups[prompt, tokens, "llama"]
        for what, field, work in ((f"prefill of {prompt} tokens", "prefill_seconds", prompt), (f"decode of {tokens} tokens after {prompt}", "decode_seconds", tokens)):
            (m, b), (pm, pb) = speed(ours, field, work), speed(theirs, field, work)
            rows.append([what, f"{m:.1f} ({b:.1f})", f"{pm:.1f} ({pb:.1f})", f"**{m / pm:.2f}**", memory(ours), memory(theirs)])
            if m < pm:
                lost.append(what)
    ours, theirs = (next(r for r in runs if r["bench"] == b) for b in ("generate", "llama"))
    head = ["SmolLM2-135M, one sequence", "Weft tokens/s: median (best)", "llama.cpp tokens/s: median (best)", "ratio of medians", "Weft peak memory", "llama.cpp peak memory"]
    return "\n\n".join([
        f"Written by `make bench-llama`. {machine(theirs['versions'])} Weft with {ours['numerics']} ({ours['kernel']}), llama.cpp with a bfloat16 GGUF of the same weights, "
        f"{ours['threads']} threads on both sides, greedy; each prompt length ran as Weft, llama.cpp, Weft, llama.cpp, {ours['steps']} measured repetitions each.",
        table(head, rows),
        f"llama.cpp's build uses {features(theirs['system'])}. " + losers(lost, "llama.cpp"),
    ])


def replace(path, name, text):
    """Puts text between the markers <!-- name --> and <!-- /name -->, which are added at the end if they are missing."""
    first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
    with open(path) as f:
        doc = f.read()
    if first not in doc:
        doc = doc.rstrip("\n") + f"\n\n{first}\n{last}\n"
    before, rest = doc.split(first, 1)
    if last not in rest:
        raise SystemExit(f"{path}: {first} has no {last} after it")
    after = rest.split(last, 1)[1]
    with open(path, "w") as f:
        f.write(f"{before}{first}\n{text}\n{last}{after}")


def main():
    kind, log, doc = sys.argv[1:]
    with open(log) as f:
        runs = [json.loads(line) for line in f]
    text = {"peft": peft, "llama": llama}[kind](runs)
    print(text)
    replace(doc, f"bench-{kind}", text)


if __name__ == "__main__":
    main()
