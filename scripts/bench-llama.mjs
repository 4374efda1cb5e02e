// Measures llama.cpp reading a prompt of random tokens and writing tokens after it, greedily; prints one JSON line.
//   NODE_LIBRARY=folder of node-llama-cpp  node bench-llama.mjs MODEL.gguf PROMPT TOKENS THREADS STEPS
// The first repetition is not counted.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const library = process.env.NODE_LIBRARY;
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(`${library}/node-llama-cpp/dist/index.js`).href);
const { version } = JSON.parse(readFileSync(`${library}/node-llama-cpp/package.json`, "utf8"));
const [modelPath] = process.argv.slice(2);
const [prompt, tokens, threads, steps] = process.argv.slice(3).map(Number);

const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const context = await model.createContext({ contextSize: prompt + tokens + 8, batchSize: prompt, threads: { ideal: threads, min: threads } });
const sequence = context.getSequence();
const vocabulary = 49152;
let state = 1;
const token = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % vocabulary;
const seconds = (start) => Number(process.hrtime.bigint() - start) / 1e9;

const prefill = [];
const decode = [];
for (let step = 0; step <= steps; step++) {
  await sequence.clearHistory();
  const ids = Array.from({ length: prompt }, token);
  let start = process.hrtime.bigint();
  await sequence.evaluateWithoutGeneratingNewTokens(ids);
  const read = seconds(start);
  start = process.hrtime.bigint();
  let n = 0;
  for await (const _ of sequence.evaluate([token()], { temperature: 0, yieldEogToken: true })) {
    if (++n === tokens) break;
  }
  const written = seconds(start);
  if (n !== tokens) throw new Error(`llama.cpp wrote ${n} of ${tokens} tokens`);
  if (step > 0) {
    prefill.push(read);
    decode.push(written);
  }
}
const peak = readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s+(\d+) kB/);
console.log(JSON.stringify({
  bench: "llama", numerics: "bfloat16", threads: context.currentThreads, prompt, tokens, steps, prefill_seconds: prefill, decode_seconds: decode,
  peak_memory: peak ? Number(peak[1]) * 1024 : null,
  system: llama.systemInfo,
  versions: `llama.cpp ${llama.llamaCppRelease.release} (node-llama-cpp ${version}, Node.js ${process.version})`,
}));
await llama.dispose();
