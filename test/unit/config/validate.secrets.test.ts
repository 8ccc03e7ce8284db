import { describe, expect, test } from "vitest";
import { complaint } from "./resolved.ts";

const EXPORTER =
  'must be "otlp", "otlp/stdout", "console", "none", { url, … } or an SDK span exporter';
const URL_FIX = "must be absolute, e.g. https://host/v1/traces";
const ORIGIN = 'an origin such as "https://api.example.com", or a RegExp';

const HEADERS = "exporter.headers";
const PLAIN =
  'must be an object, e.g. { authorization: "Bearer …" }, or a function or promise of one';

describe("an error about headers names the header and never its value", () => {
  test.each([
    [{ "x-key": 8_675_309 }, `${HEADERS}["x-key"] must be a valid header`],
    [{ "x-key": ["hunter2"] }, `${HEADERS}["x-key"] must be a valid header`],
    [{ "x-key": undefined }, `${HEADERS}["x-key"] must be a valid header`],
    [{ "x-key": "hunter2\nx: y" }, `${HEADERS}["x-key"] must be a valid header`],
    [{ "x-key": "hunter2…" }, `${HEADERS}["x-key"] must be a valid header`],
    [{ "x key": "hunter2" }, `${HEADERS} must be a valid header`],
    ["x-key=hunter2", `${HEADERS} ${PLAIN}`],
    [null, `${HEADERS} ${PLAIN}`],
    [["x-key", "hunter2"], `${HEADERS} ${PLAIN}`],
    [new Headers({ "x-key": "hunter2" }), `${HEADERS} ${PLAIN}`],
    [new Map([["x-key", "hunter2"]]), `${HEADERS} ${PLAIN}`],
  ])("%j", (headers, message) => {
    expect(complaint({ exporter: { headers } })).toBe(`edgespan: ${message}`);
  });
});

describe("an error about a URL never shows its credentials, its query or what is as long as a key", () => {
  test.each([
    [{ exporter: { url: "host/v1?api-key=hunter2" } }, `exporter.url "host/v1" ${URL_FIX}`],
    [{ exporter: { url: "host/v1#hunter2" } }, `exporter.url "host/v1" ${URL_FIX}`],
    [{ exporter: { url: "me:hunter2@host/v1" } }, `exporter.url (not shown) ${URL_FIX}`],
    [{ exporter: { url: "me:hun?ter2@host/v1" } }, `exporter.url (not shown) ${URL_FIX}`],
    [{ exporter: { url: "host?to=a@hunter2" } }, `exporter.url (not shown) ${URL_FIX}`],
    [{ exporter: { url: "h/".repeat(100) } }, `exporter.url "${"h/".repeat(50)}" ${URL_FIX}`],
    [
      { exporter: { url: `host.example/v1/${"hunter2".repeat(8)}/traces` } },
      `exporter.url "host.example/v1/" ${URL_FIX}`,
    ],
    [{ exporter: { url: "hunter2".repeat(8) } }, `exporter.url "" ${URL_FIX}`],
    [{ exporter: "https://host?key=hunter2" }, `exporter "https://host" ${EXPORTER}`],
    [{ exporter: "https://me:hunter2@host" }, `exporter (not shown) ${EXPORTER}`],
    [
      { exporter: { url: "https://me:hunter2@host/v1" } },
      "exporter.url must hold no credentials; use headers",
    ],
    [
      { instrument: { fetch: { propagateTo: ["https://me:hunter2@host"] } } },
      `instrument.fetch.propagateTo[0] (not shown) must be ${ORIGIN}`,
    ],
  ])("%j", (options, message) => {
    expect(complaint(options)).toBe(`edgespan: ${message}`);
  });
});
