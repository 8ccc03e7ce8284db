/** Sets a handler up: wrong configuration is loud where people develop and harmless where they serve. */
import { type ReadVariable, readChoice } from "./config/environment.js";
import { ConfigError } from "./config/error.js";
import type { Options } from "./config/options.js";
import { type Config, resolveConfig } from "./config/resolve.js";
import { type Platform, type Runtime, createRuntime } from "./runtime.js";
import { printable, warn } from "./trace/report.js";

interface SetUp<Env> {
  options: Options | ((env: Env) => Options) | undefined;
  env: Env;
  read: ReadVariable;
  platform: (config: Config, options: Options) => Platform;
  /** Whether this runs where users are served. */
  deployed: boolean;
}

/**
 * Creates the runtime of a handler, or nothing where tracing is disabled.
 *
 * A wrong option or variable throws a `ConfigError`; where deployed (or with
 * `strict: false`) it warns once instead and tracing stays off.
 */
export function setUp<Env>({
  options,
  env,
  read,
  platform,
  deployed,
}: SetUp<Env>): Runtime | undefined {
  let strict = !deployed;
  try {
    const given = typeof options === "function" ? options(env) : options;
    const resolved = given ?? {};
    strict = resolved.strict ?? strict;
    // The off switch works whatever else is wrong.
    const { disabled } = resolved;
    const off: unknown =
      disabled ?? readChoice(read, ["true", "false"], "false", "OTEL_SDK_DISABLED") === "true";
    if (off === true) return undefined;
    const config = resolveConfig(given, read);
    return createRuntime(config, resolved, platform(config, resolved));
  } catch (error) {
    if (strict) throw error;
    const told = error instanceof ConfigError ? error.message : `edgespan: ${printable(error)}`;
    warn(`${told}; tracing is off until then`);
    return undefined;
  }
}
