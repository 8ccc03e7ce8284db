/** What the command line turns. */
import { parseArgs } from "node:util";

const HELP = `npm run bench:load -- [flags]

  --requests=<n>        requests of a round (10000)
  --rounds=<n>          rounds of each Worker (5, with --dead or --memory 10)
  --connections=<n,…>   keep-alive connections, one run for each (32)
  --window=<ms>         OTEL_BSP_SCHEDULE_DELAY of the instrumented Worker
  --env NAME=VALUE      any binding of the instrumented Worker; may be repeated
  --dead                nothing listens on the endpoint until all rounds are over
  --memory              what the heap of the instrumented Worker holds after each round, collected`;

/** The rounds of one number of connections. */
export interface Run {
  readonly requests: number;
  readonly rounds: number;
  readonly connections: number;
  /** Bindings of the instrumented Worker beside the endpoint. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Options extends Omit<Run, "connections"> {
  readonly connections: readonly number[];
  readonly mode: "compare" | "dead" | "memory";
}

export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      requests: { type: "string", default: "10000" },
      rounds: { type: "string" },
      connections: { type: "string", default: "32" },
      window: { type: "string" },
      env: { type: "string", multiple: true, default: [] },
      dead: { type: "boolean", default: false },
      memory: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit();
  }
  const { window, dead, memory } = values;
  return {
    requests: count("requests", values.requests),
    rounds: count("rounds", values.rounds ?? (dead || memory ? "10" : "5")),
    connections: values.connections.split(",").map((value) => count("connections", value)),
    env: {
      ...(window && { OTEL_BSP_SCHEDULE_DELAY: window }),
      ...Object.fromEntries(values.env.map(binding)),
    },
    mode: dead ? "dead" : memory ? "memory" : "compare",
  };
}

function count(flag: string, value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${flag} "${value}" must be a whole number above 0, e.g. --${flag}=32`);
}

function binding(pair: string): [name: string, value: string] {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(pair) ?? [];
  if (name && value !== undefined) return [name, value];
  throw new Error(`--env "${pair}" must be NAME=VALUE, e.g. --env OTEL_SERVICE_NAME=shop`);
}
