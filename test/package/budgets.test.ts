/** What edgespan costs where code is uploaded and loaded: gzip bytes of the least handler. */
import { expect, it } from "vitest";
import { bundle, gzipBytes, MINIMAL, TOOLS } from "./support/bundle.ts";
import { deployedCode } from "./support/wrangler.ts";

/** The aim is 16,000 and 18,000; ARCHITECTURE.md says what is in the way. */
const WORKER_BYTES = 25_150;
const WORKER_WITHOUT_NAMES_BYTES = 23_050;
const LAMBDA_BYTES = 24_600;

it(`what wrangler uploads for a minimal Worker is within ${WORKER_BYTES} bytes gzip`, async () => {
  const code = await deployedCode(MINIMAL.worker);
  expect(show("Worker by wrangler", code)).toBeLessThanOrEqual(WORKER_BYTES);
});

it(`a minimal Worker that esbuild minifies is within ${WORKER_WITHOUT_NAMES_BYTES} bytes gzip`, async () => {
  // wrangler's setting `keep_names = false` says the same.
  const { code } = await bundle(MINIMAL.worker, { ...TOOLS.worker, keepNames: false });
  expect(show("Worker by esbuild, without keepNames", code)).toBeLessThanOrEqual(
    WORKER_WITHOUT_NAMES_BYTES,
  );
});

it(`a minimal function that esbuild minifies is within ${LAMBDA_BYTES} bytes gzip`, async () => {
  const { code } = await bundle(MINIMAL.lambda, TOOLS.lambda);
  expect(show("Lambda by esbuild", code)).toBeLessThanOrEqual(LAMBDA_BYTES);
});

function show(what: string, code: Uint8Array): number {
  const bytes = gzipBytes(code);
  console.log(`${what}: ${code.length} bytes minified, ${bytes} gzip`);
  return bytes;
}
