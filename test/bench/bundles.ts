/** What a minimal handler weighs, as it is deployed. */
import { MINIMAL, TOOLS, bundle } from "../package/support/bundle.ts";

const EMPTY = "export const handler = () => 0;";

export async function benchBundles(): Promise<Record<string, string | number>[]> {
  const bundles = {
    "empty module": await bundle(EMPTY, TOOLS.lambda),
    "edgespan/worker": await bundle(MINIMAL.worker, TOOLS.worker),
    "edgespan/lambda": await bundle(MINIMAL.lambda, TOOLS.lambda),
  };
  return Object.entries(bundles).map(([what, { code, gzipBytes }]) => ({
    what,
    bytes: code.length,
    "gzip bytes": gzipBytes,
  }));
}
