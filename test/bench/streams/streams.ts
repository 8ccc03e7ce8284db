/**
 * What it costs to learn of the end of a streamed response, in workerd: the ways that there are
 * in turns, in CPU time of the Worker's process. The ratios of one run are what counts.
 */
import { Agent, get } from "node:http";
import { fileURLToPath } from "node:url";
import { TOOLS, bundle } from "../../package/support/bundle.ts";
import { killed } from "../load/children.ts";
import { type Workerd, startWorkerd } from "../load/workerd.ts";

const WAYS = [
  "bare",
  "edgespan, streams false",
  "edgespan",
  "source",
  "stream of bytes",
  "IdentityTransformStream",
  "TransformStream",
];

const MB = 1_000_000;
type Load = Readonly<Record<"what" | "path", string> & Record<"requests", number>>;

const LOADS: readonly Load[] = [
  { what: "50 MB in chunks of 64 KB", path: `${50 * MB}/65536`, requests: 2 },
  { what: "50 MB in chunks of 4 KB", path: `${50 * MB}/4096`, requests: 1 },
  { what: "4 chunks of 100 bytes", path: "400/100", requests: 500 },
  { what: "50 MB, native", path: `${50 * MB}`, requests: 2 },
  { what: "400 bytes, native", path: "400", requests: 500 },
];

const ROUNDS = 7;
const CONNECTIONS = 10;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

/** Reads a whole response; answers how long it was. */
function read(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = get({ port, path, agent, host: "127.0.0.1" }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Uint8Array) => (bytes += chunk.length));
      response.on("end", () => resolve(bytes));
      response.on("error", reject);
    });
    sent.on("error", reject);
  });
}

async function cpuMs({ port, usage }: Workerd, path: string, requests: number): Promise<number> {
  const before = usage().cpuMs;
  const lengths = await Promise.all(Array.from({ length: requests }, () => read(port, path)));
  const expected = Number(path.split("/").at(2));
  if (lengths.some((length) => length !== expected)) throw new Error(`${path} was cut short`);
  return (usage().cpuMs - before) / requests;
}

/** The CPU time that a request of each way takes, as the median of rounds. */
async function measure(workerd: Workerd, { path, requests }: Load): Promise<number[]> {
  const times = WAYS.map((): number[] => []);
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++)
    for (let turn = 0; turn < WAYS.length; turn++) {
      // Each is first in its turn, because one pays for what the one before left to collect.
      const at = (round + turn) % WAYS.length;
      const way = encodeURIComponent(WAYS[at] ?? "");
      const ms = await cpuMs(workerd, `/${way}/${path}`, requests);
      if (round > 0) times[at]?.push(ms);
    }
  return times.map(median);
}

try {
  const fixture = fileURLToPath(import.meta.resolve("./fixture.ts"));
  const source = `export { default } from ${JSON.stringify(fixture)}`;
  const { code } = await bundle(source, TOOLS.worker);
  const workerd = await startWorkerd({ name: "streams", code, bindings: {} });
  for (const load of LOADS) {
    const [bare = 0, ...others] = await measure(workerd, load);
    console.log(`\n${load.what}: CPU ms of a request`);
    console.table(
      [bare, ...others].map((ms, at) => ({
        way: WAYS[at],
        ms: rounded(ms),
        "over bare": rounded(ms / bare),
      })),
    );
  }
} finally {
  agent.destroy();
  await killed();
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
