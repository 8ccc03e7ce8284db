import type { FunctionIdentity } from "./sandbox-environment.js";

/** The settings of a local Lambda, checked and complete. */

/** How to run a function. */
export interface LambdaOptions {
  /** Lambda's handler setting, `dir/file.export`, relative to `taskRoot`. */
  readonly handler: string;
  /** The directory of the function's code. Default: the current directory. */
  readonly taskRoot?: string;
  /** The function's own variables; they override Lambda's, and `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Entry file of `aws-lambda-ric`: its `index.mjs`, or `bin/index.mjs` of version 3. Default: a
   * small client that needs no native build.
   */
  readonly runtimeClient?: string;
  /** Time limit of an invocation in milliseconds. Default: 3000, as on Lambda. */
  readonly timeoutMs?: number;
  /**
   * Runs the function as on Lambda Managed Instances: so many invocations at once in one process,
   * which is never frozen. Default: one at a time, frozen between them.
   */
  readonly maxConcurrency?: number;
  /** What the function is told of its memory in MB; it is not enforced. Default: 128. */
  readonly memoryMb?: number;
  /** Default: `us-east-1`. */
  readonly region?: string;
  /** Default: `local`. */
  readonly functionName?: string;
  /** The Node executable to run the function with. Default: the one that runs this process. */
  readonly nodePath?: string;
}

/** Everything a sandbox is started from. */
export interface LambdaSettings {
  readonly identity: FunctionIdentity;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nodePath: string;
  /** The runtime client's entry file, and the handler: `aws-lambda-ric` 3 takes it as an argument. */
  readonly args: readonly string[];
  readonly timeoutMs: number;
}

/** Completes the options, or throws an error that names the option and its fix. */
export async function resolveSettings(
  options: LambdaOptions,
  builtInClient: string,
): Promise<LambdaSettings> {
  const path = process.getBuiltinModule("node:path");
  const { timeoutMs = 3000, memoryMb = 128, nodePath = process.execPath } = options;
  checkHandler(options.handler);
  checkPositive("timeoutMs", timeoutMs);
  checkPositive("memoryMb", memoryMb);
  checkPositive("maxConcurrency", options.maxConcurrency ?? 1);
  const taskRoot = path.resolve(options.taskRoot ?? ".");
  const entry = path.resolve(options.runtimeClient ?? builtInClient);
  checkExists("taskRoot", taskRoot);
  checkExists("runtimeClient", entry);
  return {
    identity: {
      functionName: options.functionName ?? "local",
      handler: options.handler,
      memoryMb,
      nodeVersion: await nodeVersion(nodePath),
      region: options.region ?? "us-east-1",
      runtimeDir: path.dirname(entry),
      taskRoot,
      maxConcurrency: options.maxConcurrency,
    },
    env: options.env ?? {},
    nodePath,
    args: [entry, options.handler],
    timeoutMs,
  };
}

function checkHandler(handler: string): void {
  if (/[^/.]\.[^/]+$/.test(handler)) return;
  throw new Error(`handler "${handler}" must name a file and its export, e.g. src/index.handler`);
}

function checkPositive(name: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new Error(`${name} ${value} must be a positive number, e.g. 3000`);
}

function checkExists(name: string, path: string): void {
  if (process.getBuiltinModule("node:fs").existsSync(path)) return;
  throw new Error(`${name} "${path}" does not exist: give a path that does, best an absolute one`);
}

/** The execution environment is named after the Node that runs the function, maybe not this one. */
async function nodeVersion(nodePath: string): Promise<string> {
  if (nodePath === process.execPath) return process.versions.node;
  const { execFile } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve, reject) => {
    execFile(nodePath, ["--version"], { timeout: 10_000 }, (error, stdout) => {
      const version = /^v(\d+\.\S+)/.exec(stdout)?.[1];
      if (version !== undefined) return resolve(version);
      const fix = "give the path of a node executable";
      reject(new Error(`nodePath "${nodePath}" is not Node: ${fix}`, { cause: error }));
    });
  });
}
