/** Reads `OTEL_*` variables as the specification says: an empty value counts as unset. */
import { parsePair } from "../trace/pair.js";
import { invalid } from "./error.js";

/** Looks a variable up by name. */
export type ReadVariable = (name: string) => string | undefined;

/** Reads variables from a Worker's `env` or a process's environment, whichever has it first. */
export function variablesOf(...sources: readonly unknown[]): ReadVariable {
  return (name) => {
    for (const source of sources) {
      const value = (source as Record<string, unknown> | null | undefined)?.[name];
      if (typeof value === "string" && value.trim()) return value.trim();
    }
    return undefined;
  };
}

/** The first of `names` that is set, with its value. */
export function firstSet(
  read: ReadVariable,
  ...names: readonly string[]
): readonly [name: string, value: string] | undefined {
  for (const name of names) {
    const value = read(name);
    if (value !== undefined) return [name, value];
  }
  return undefined;
}

/** One of `choices`, whatever its case, from the first of `names` that is set. */
export function readChoice(
  read: ReadVariable,
  choices: readonly string[],
  otherwise: string,
  ...names: readonly string[]
): string {
  const [name = "", value = otherwise] = firstSet(read, ...names) ?? [];
  const choice = value.toLowerCase();
  if (choices.includes(choice)) return choice;
  throw invalid(name, `must be one of ${choices.join(", ")}`, value);
}

/**
 * The names in a list, each of which must be one of `choices`.
 * @param option the option that takes what is not built in
 */
export function readNames(
  read: ReadVariable,
  choices: readonly string[],
  otherwise: string,
  name: string,
  option: string,
): string[] {
  const chosen = (read(name) ?? otherwise).split(",").map((one) => one.trim());
  for (const one of chosen)
    if (!choices.includes(one))
      throw invalid(name, `is not built in; use ${choices.join(", ")}, or options.${option}`, one);
  return chosen;
}

/** A whole number of 0 or more, from the first of `names` that is set. */
export function readInteger(read: ReadVariable, ...names: readonly string[]): number | undefined {
  const found = firstSet(read, ...names);
  if (!found) return undefined;
  const [name, value] = found;
  if (!/^\d+$/.test(value)) throw invalid(name, "must be a whole number of 0 or more", value);
  return Number(value);
}

/**
 * Reads `key=value,key2=value2` with percent-encoding. Values may be secrets, so that
 * an error tells the position of a wrong pair and never its text.
 * @returns the name of the variable that is set, and its pairs
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
 */
export function readPairs(
  read: ReadVariable,
  ...names: readonly string[]
): readonly [name: string, pairs: Record<string, string>] {
  const [name = "", value = ""] = firstSet(read, ...names) ?? [];
  const pairs: Record<string, string> = {};
  for (const [index, entry] of value.split(",").entries()) {
    if (!entry.trim()) continue;
    const pair = parsePair(entry);
    if (!pair) throw invalid(`${name} entry ${index + 1}`, 'must be "name=value", percent-encoded');
    pairs[pair[0]] = pair[1];
  }
  return [name, pairs];
}
