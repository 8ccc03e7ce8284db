import { beforeEach, describe, expect, it, test, vi } from "vitest";
import { variablesOf } from "../../src/config/environment.ts";
import { ConfigError } from "../../src/config/error.ts";
import type { Options } from "../../src/config/options.ts";
import { flushWithResponse } from "../../src/flush/with-response.ts";
import type { Runtime } from "../../src/runtime.ts";
import { setUp } from "../../src/setup.ts";

const warnings = vi.spyOn(console, "warn").mockImplementation(() => {});
beforeEach(() => void warnings.mockClear());

interface Situation {
  options?: Options | ((env: { SERVICE: string }) => Options);
  variables?: Record<string, string>;
  deployed?: boolean;
}

function setUpIn({ options, variables = {}, deployed = false }: Situation): Runtime | undefined {
  return setUp({
    options,
    env: { SERVICE: "shop" },
    read: variablesOf(variables),
    platform: () => ({
      resource: {},
      outlets: {
        transport: () => () => Promise.resolve({ status: "delivered" }),
        print() {},
      },
      createFlush: flushWithResponse,
    }),
    deployed,
  });
}

const WRONG = { exporter: "zipkin" } as unknown as Options;
const MESSAGE =
  'edgespan: exporter "zipkin" must be "otlp", "otlp/stdout", "console", "none", { url, … } or an SDK span exporter';
const throwing = (thrown: unknown) => () => {
  throw thrown;
};

describe("right configuration", () => {
  test.each<[string, Situation]>([
    ["none at all", {}],
    ["an object", { options: { service: "shop" } }],
    ["a function of env", { options: (env) => ({ service: env.SERVICE }) }],
    ["a function that returns nothing", { options: () => undefined as never }],
    [
      "disabled in a variable and enabled in code",
      {
        options: { disabled: false },
        variables: { OTEL_SDK_DISABLED: "true" },
      },
    ],
  ])("%s gives a runtime without a warning", (_, situation) => {
    expect([typeof setUpIn(situation)?.invoke, warnings.mock.calls]).toEqual(["function", []]);
  });

  test.each<[string, Situation]>([
    ["in code", { options: { disabled: true } }],
    ["in a variable", { variables: { OTEL_SDK_DISABLED: "TRUE" } }],
    [
      "in code, against a variable",
      { options: { disabled: true }, variables: { OTEL_SDK_DISABLED: "false" } },
    ],
    [
      "whatever else is wrong",
      { variables: { OTEL_SDK_DISABLED: "true", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" } },
    ],
  ])("disabled %s gives no runtime and no warning", (_, situation) => {
    expect([setUpIn(situation), warnings.mock.calls]).toEqual([undefined, []]);
  });

  it("hands env to the function of options", () => {
    const options = vi.fn<() => Options>(() => ({}));
    setUpIn({ options });
    expect(options.mock.calls).toEqual([[{ SERVICE: "shop" }]]);
  });
});

describe("wrong configuration throws where people develop", () => {
  it("also where the switch itself is wrong", () => {
    expect(() => setUpIn({ variables: { OTEL_SDK_DISABLED: "1" } })).toThrow(
      new ConfigError('edgespan: OTEL_SDK_DISABLED "1" must be one of true, false'),
    );
    expect(() => setUpIn({ options: { disabled: "false" as never } })).toThrow(ConfigError);
  });

  test.each<[string, Situation]>([
    ["an option", { options: WRONG }],
    ["what a function returns", { options: () => WRONG }],
    ["an option, deployed but strict", { options: { ...WRONG, strict: true }, deployed: true }],
  ])("%s", (_, situation) => {
    expect(() => setUpIn(situation)).toThrow(new ConfigError(MESSAGE));
    expect(warnings).not.toHaveBeenCalled();
  });

  it("a variable", () => {
    expect(() => setUpIn({ variables: { OTEL_SDK_DISABLED: "1" } })).toThrow(
      new ConfigError('edgespan: OTEL_SDK_DISABLED "1" must be one of true, false'),
    );
  });

  it("and hands on what a function of options throws", () => {
    const error = new TypeError("env.DB is undefined");
    expect(() => setUpIn({ options: throwing(error) })).toThrow(error);
  });
});

describe("wrong configuration warns once and turns tracing off where users are served", () => {
  const OFF = "; tracing is off until then";
  test.each<[string, Situation, string]>([
    ["an option", { options: WRONG, deployed: true }, MESSAGE + OFF],
    ["an option, at home but not strict", { options: { ...WRONG, strict: false } }, MESSAGE + OFF],
    [
      "a variable",
      {
        variables: { OTEL_TRACES_SAMPLER_ARG: "2", OTEL_TRACES_SAMPLER: "traceidratio" },
        deployed: true,
      },
      `edgespan: OTEL_TRACES_SAMPLER_ARG "2" must be a number from 0 to 1${OFF}`,
    ],
    [
      "a function of options that throws",
      { options: throwing(new TypeError("env.DB is undefined")), deployed: true },
      `edgespan: TypeError: env.DB is undefined${OFF}`,
    ],
    [
      "a function of options that parses what is no JSON, as a secret may be, which the error quotes",
      { options: () => JSON.parse("hunter2") as Options, deployed: true },
      `edgespan: SyntaxError: Unexpected token 'h', REDACTED is not valid JSON${OFF}`,
    ],
    [
      "a function of options that throws a string",
      { options: throwing("no"), deployed: true },
      `edgespan: no${OFF}`,
    ],
    [
      "a function of options that throws what cannot be printed",
      { options: throwing(Object.create(null)), deployed: true },
      `edgespan: (an unprintable value)${OFF}`,
    ],
    [
      "several wrong values",
      { options: { ...WRONG, service: "" }, deployed: true },
      `edgespan: service "" must be a name${OFF}`,
    ],
  ])("%s", (_, situation, warning) => {
    expect([setUpIn(situation), warnings.mock.calls]).toEqual([undefined, [[warning]]]);
  });
});
