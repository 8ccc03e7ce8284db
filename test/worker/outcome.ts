/** What a caller of `fetch` sees, in a form that two calls can be compared by. */
import type { Echo } from "./collector-setup.ts";

export type Outcome =
  | { response: SeenResponse; echo: Echo | string }
  | { thrown: SeenError; at: "once" | "later" };

interface SeenResponse {
  status: number;
  statusText: string;
  url: string;
  redirected: boolean;
  headers: string[][];
}

interface SeenError {
  type: string;
  name: unknown;
  message: string;
}

/** Headers that tracing adds to a request. */
const ADDED = new Set(["traceparent", "tracestate", "baggage"]);

export async function outcomeOf(call: () => unknown): Promise<Outcome> {
  let answer: unknown;
  try {
    answer = call();
  } catch (error) {
    return { thrown: seenError(error), at: "once" };
  }
  try {
    return await seen((await answer) as Response);
  } catch (error) {
    return { thrown: seenError(error), at: "later" };
  }
}

async function seen(response: Response): Promise<Outcome> {
  const { status, statusText, url, redirected } = response;
  const headers = [...response.headers].filter(([name]) => name !== "date");
  const text = await response.text();
  const isEcho = response.headers.has("x-served-by");
  return {
    response: { status, statusText, url, redirected, headers },
    echo: isEcho ? (JSON.parse(text) as Echo) : text,
  };
}

function seenError(error: unknown): SeenError {
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
  return {
    type: error instanceof DOMException ? "DOMException" : Object.prototype.toString.call(error),
    name,
    message: String(message ?? error),
  };
}

/** The outcome without the headers that tracing adds and the random boundaries of forms. */
export function untold(outcome: Outcome): Outcome {
  if (!("echo" in outcome) || typeof outcome.echo === "string") return outcome;
  const pairs = headerPairs(outcome.echo).filter(([name]) => !ADDED.has(name.toLowerCase()));
  const boundary = /boundary="?([\w-]+)/.exec(pairs.flat().join("\n"))?.[1];
  const plain = (text: string): string => (boundary ? text.replaceAll(boundary, "B") : text);
  const { body } = outcome.echo;
  const echo = { ...outcome.echo, rawHeaders: pairs.flat().map(plain), body: plain(body) };
  return { ...outcome, echo };
}

/** The value of a header as the server got it. */
export function sentHeader({ echo }: { echo: Echo | string }, name: string): string | undefined {
  if (typeof echo === "string") throw new Error(`no echo: ${echo}`);
  return headerPairs(echo).find(([sent]) => sent.toLowerCase() === name)?.[1];
}

function headerPairs({ rawHeaders }: Echo): [string, string][] {
  return rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""]] : [],
  );
}
