/**
 * Prints what tracing costs, side by side in one run: absolute numbers differ between
 * machines, the ratios of one run are what counts.
 */
import { benchBundles } from "./bundles.ts";
import { benchHeaders } from "./headers.ts";
import { benchRequests } from "./requests.ts";
import { benchSamplers } from "./samplers.ts";
import { benchSpans } from "./spans.ts";

const sections = [
  ["one span: start, 6 attributes, end", benchSpans],
  ["one decision of a head sampler", benchSamplers],
  ["one request through a handler that does nothing", benchRequests],
  ["hostile headers, the worst of several fillings, read", benchHeaders],
  ["bundle of a minimal handler, minified", benchBundles],
] as const;

for (const [title, bench] of sections) {
  console.log(`\n${title}`);
  console.table(await bench());
}
