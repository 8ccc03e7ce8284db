/**
 * The `tracestate` list: what each tracing system of a trace hands on to the next.
 * @see https://www.w3.org/TR/trace-context-2/#tracestate-header
 */
import type { TraceState } from "@opentelemetry/api";

const MEMBER = /^([a-z\d][a-z\d_\-*/@]{0,255})=([ -+\--<>-~]{0,255}[!-+\--<>-~])$/;
const MAX_MEMBERS = 32;

type Member = readonly [key: string, value: string];

/** Reads a header; one that breaks the grammar is discarded as a whole. */
export function parseTraceState(header: string): TraceState | undefined {
  const members = new Map<string, string>();
  for (const text of header.split(",", 4 * MAX_MEMBERS)) {
    const member = text.trim();
    if (!member) continue;
    const [, key, value = ""] = MEMBER.exec(member) ?? [];
    if (!key || members.size === MAX_MEMBERS) return undefined;
    if (!members.has(key)) members.set(key, value);
  }
  return members.size > 0 ? traceStateOf([...members]) : undefined;
}

/** An immutable list of members; what is set moves to its front, as the specification demands. */
export function traceStateOf(members: readonly Member[]): TraceState {
  return {
    get(key) {
      for (const [known, value] of members) if (known === key) return value;
      return undefined;
    },
    set(key, value) {
      if (!MEMBER.test(`${key}=${value}`)) return this;
      const others = members.filter(([known]) => known !== key);
      return traceStateOf([[key, value] as const, ...others].slice(0, MAX_MEMBERS));
    },
    unset(key) {
      return traceStateOf(members.filter(([known]) => known !== key));
    },
    serialize() {
      return members.map((member) => member.join("=")).join(",");
    },
  };
}
