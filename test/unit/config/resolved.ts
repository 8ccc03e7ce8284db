/** The configuration that options and variables make, or what is complained of. */
import { variablesOf } from "../../../src/config/environment.ts";
import { ConfigError } from "../../../src/config/error.ts";
import {
  type ExporterConfig,
  type OtlpConfig,
  resolveExporters,
} from "../../../src/config/exporter.ts";
import type { Options, OtlpExporterOptions } from "../../../src/config/options.ts";
import { type Config, resolveConfig } from "../../../src/config/resolve.ts";

export type Variables = Record<string, string>;

export function resolved(options: Options = {}, variables: Variables = {}): Config {
  return resolveConfig(options, variablesOf(variables));
}

export function exporters(
  option: Options["exporter"],
  variables: Variables = {},
): ExporterConfig[] {
  return resolveExporters(option, variablesOf(variables));
}

export function otlp(option: OtlpExporterOptions, variables: Variables = {}): OtlpConfig {
  return exporters(option, variables)[0] as OtlpConfig;
}

/** What wrong options, whatever they are, or variables are told. */
export function complaint(options: unknown, variables: Variables = {}): string {
  try {
    resolveConfig(options as Options, variablesOf(variables));
    return "(accepted)";
  } catch (error) {
    return error instanceof ConfigError ? error.message : `not a ConfigError: ${String(error)}`;
  }
}
