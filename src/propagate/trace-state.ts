/**
 * The `tracestate` list: what each tracing system of a trace hands on to the next.
 * @see https://www.w3.org/TR/trace-context-2/#tracestate-header
 */
import type { TraceState } from "@opentelemetry/api";

const KEY = /^[a-z\d][a-z\d_\-*/@]{0,255}$/;
const VALUE = /^[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;
const MAX_MEMBERS = 32;

type Member = readonly [key: string, value: string];

/** Reads a header; one that breaks the grammar is discarded as a whole. */
export function parseTraceState(header: string): TraceState | undefined {
  const members: Member[] = [];
  for (const text of header.split(",", 4 * MAX_MEMBERS)) {
    const member = text.trim();
    if (!member) continue;
    const split = member.indexOf("=");
    const key = member.slice(0, split);
    const value = member.slice(split + 1);
    if (split < 0 || !isMember(key, value) || members.length === MAX_MEMBERS) return undefined;
    if (!members.some(([known]) => known === key)) members.push([key, value]);
  }
  return members.length > 0 ? traceStateOf(members) : undefined;
}

function isMember(key: string, value: string): boolean {
  return KEY.test(key) && VALUE.test(value);
}

/** An immutable list; what is set moves to its front, as the specification demands. */
function traceStateOf(members: readonly Member[]): TraceState {
  return {
    get(key) {
      return members.find(([known]) => known === key)?.[1];
    },
    set(key, value) {
      if (!isMember(key, value)) return this;
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
