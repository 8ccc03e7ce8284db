import { setTimeout } from "node:timers/promises";
import { describe, expect, it, test } from "vitest";
import { ConfigError } from "../../../src/config/error.ts";
import type { OtlpConfig } from "../../../src/config/exporter.ts";
import type { Options } from "../../../src/config/options.ts";
import { exporters, otlp } from "./resolved.ts";

const SDK_EXPORTER = { export() {}, shutdown: async () => {} };

describe("the headers", () => {
  const variables = { OTEL_EXPORTER_OTLP_HEADERS: "authorization=env,x-old=old" };
  const merged = { authorization: "code", "x-old": "old" };
  type Lazy = () => Promise<unknown>;

  it("of a function are asked for by the export and win over those of variables", async () => {
    let asked = 0;
    const headers = (): Record<string, string> => {
      asked++;
      return { Authorization: "code" };
    };
    const lazy = otlp({ headers }, variables).headers as Lazy;
    const before = asked;
    expect([before, await lazy(), asked]).toEqual([0, merged, 1]);
  });

  it("of a promise are waited for by the export", async () => {
    const headers = Promise.resolve({ Authorization: "code" });
    expect(await (otlp({ headers }, variables).headers as Lazy)()).toEqual(merged);
  });

  it("of a promise that rejects fail the export and not the process", async () => {
    const headers = Promise.reject(new Error("no secret store"));
    const lazy = otlp({ headers }).headers as Lazy;
    await setTimeout(5);
    await expect(lazy()).rejects.toThrow("no secret store");
  });

  test.each([{ "x-key": "hunter2\n" }, { "x-key": 7 as never }])(
    "of a function that HTTP cannot carry fail the export, without their value: %j",
    async (headers) => {
      await expect((otlp({ headers: () => headers }).headers as Lazy)()).rejects.toThrow(
        new ConfigError('edgespan: exporter.headers["x-key"] must be a valid header'),
      );
    },
  );

  it("of variables reach no other endpoint where there are several", () => {
    const several = [{ url: "https://a/b" }, "otlp", { url: "https://c/d", headers: { k: "v" } }];
    const env = { ...variables, OTEL_EXPORTER_OTLP_ENDPOINT: "https://env" };
    const all = exporters(several as Options["exporter"], env) as OtlpConfig[];
    expect(all.map(({ url, headers }) => [url, headers])).toEqual([
      ["https://a/b", {}],
      ["https://env/v1/traces", { authorization: "env", "x-old": "old" }],
      ["https://c/d", { k: "v" }],
    ]);
  });

  it("of variables go with an endpoint of code that is alone, whatever stands beside it", () => {
    const all = exporters(["console", { url: "https://a/b" }, SDK_EXPORTER], variables);
    expect((all[1] as OtlpConfig).headers).toEqual({ authorization: "env", "x-old": "old" });
  });
});
