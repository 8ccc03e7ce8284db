import { env } from "cloudflare:test";
import type { CollectedSpan } from "edgespan/testing";
import { describe, expect, it, vi } from "vitest";
import { type PlainLedger, collector } from "../classes/ledger.ts";

const { LEDGERS, BARE_LEDGERS } = env as unknown as {
  LEDGERS: DurableObjectNamespace<PlainLedger>;
  BARE_LEDGERS: DurableObjectNamespace<PlainLedger>;
};
const SYSTEM = { "db.system.name": "cloudflare-durable-object-sql" };
const KEYS = "cloudflare.durable_object.kv.query.keys";
const COUNT = "cloudflare.durable_object.kv.query.keys.count";

type Work =
  | "made"
  | "keys"
  | "queries"
  | "wrongQueries"
  | "transact"
  | "rollBack"
  | "synchronous"
  | "borrowed"
  | "isItself";

interface Called {
  value: unknown;
  /** What an instance of the class as it was written answers. */
  bare: unknown;
  root: CollectedSpan;
  spans: CollectedSpan[];
}

/** Calls a method of a new instance and waits for what it exports. */
async function call(work: Work): Promise<Called> {
  const bare = await BARE_LEDGERS.get(BARE_LEDGERS.newUniqueId())[work]();
  const before = collector.spans().length;
  const value = await LEDGERS.get(LEDGERS.newUniqueId())[work]();
  const isRoot = ({ kind }: CollectedSpan): boolean => kind === "SERVER";
  const root = await vi.waitUntil(() => collector.spans().slice(before).find(isRoot));
  const all = collector.spans().slice(before);
  return { value, bare, root, spans: all.filter((span) => span !== root) };
}

const shortly = (spans: readonly CollectedSpan[]): unknown[] =>
  spans.map(({ name, attributes }) => [name, attributes]);

describe("the storage of a Durable Object", () => {
  it("has a span for each call, with its keys and never a value", async () => {
    const { value, bare, root, spans } = await call("keys");
    expect(value).toEqual(bare);
    const told = (operation: string, attributes: object = {}): unknown => [
      `${operation} storage`,
      { ...SYSTEM, "db.operation.name": operation, ...attributes },
    ];
    expect(shortly(spans)).toEqual([
      told("put", { [KEYS]: "a", [COUNT]: 1 }),
      told("put", { [KEYS]: "b, c", [COUNT]: 2 }),
      told("get", { [KEYS]: "a", [COUNT]: 1 }),
      told("get", { [KEYS]: "b, c, d", [COUNT]: 3 }),
      told("list", {
        "cloudflare.durable_object.kv.query.prefix": "b",
        "cloudflare.durable_object.kv.query.limit": 2,
      }),
      told("delete", { [KEYS]: "a", [COUNT]: 1 }),
      told("delete", { [KEYS]: "b, c, d", [COUNT]: 3 }),
      told("setAlarm"),
      told("getAlarm"),
      told("deleteAlarm"),
      told("sync"),
      told("deleteAll"),
    ]);
    for (const span of spans)
      expect(span).toMatchObject({
        kind: "CLIENT",
        traceId: root.traceId,
        parentSpanId: root.spanId,
        status: { code: "UNSET" },
        events: [],
      });
    expect(JSON.stringify(spans)).not.toMatch(/secret|hidden/);
  });

  it("has a span for each query, with its text but no value, and leaves the cursor unread", async () => {
    const { value, bare, spans } = await call("queries");
    expect(value).toEqual(bare);
    expect(shortly(spans)).toEqual([
      [
        "exec storage",
        {
          ...SYSTEM,
          "db.operation.name": "exec",
          "db.query.text": "INSERT INTO lines (name) VALUES (?), (?)",
          "db.query.summary": "INSERT lines",
          "cloudflare.durable_object.response.rows_written": expect.any(Number) as number,
        },
      ],
      [
        "exec storage",
        {
          ...SYSTEM,
          "db.operation.name": "exec",
          "db.query.text": "SELECT name FROM lines ORDER BY id LIMIT ?",
          "db.query.summary": "SELECT lines",
        },
      ],
    ]);
  });

  it("throws as without tracing, and says what SQLite calls it", async () => {
    const { value, bare, spans } = await call("wrongQueries");
    expect(value).toEqual(bare);
    const failed = spans.filter(({ status }) => status.code === "ERROR");
    expect(failed.map(({ attributes }) => attributes["db.response.status_code"])).toEqual([
      "SQLITE_ERROR",
      "SQLITE_CONSTRAINT_UNIQUE",
      undefined,
      "SQLITE_ERROR",
    ]);
    expect(failed.map(({ attributes }) => attributes["error.type"])).toEqual([
      "SQLITE_ERROR",
      "SQLITE_CONSTRAINT_UNIQUE",
      "TypeError",
      "SQLITE_ERROR",
    ]);
  });

  it("has a span for each call of the synchronous keys, too", async () => {
    const { value, bare, spans } = await call("synchronous");
    expect(value).toEqual(bare);
    expect(spans.map(({ name, attributes }) => [name, attributes[KEYS]])).toEqual([
      ["put storage", "k"],
      ["get storage", "k"],
      ["list storage", undefined],
      ["delete storage", "k"],
    ]);
  });

  it("has its methods borrowed, bound and given nothing as without tracing", async () => {
    const { value, bare } = await call("borrowed");
    expect(value).toEqual(bare);
  });

  it("is the object that it was, for an instance with its private fields", async () => {
    const { value, bare } = await call("isItself");
    expect([value, bare]).toEqual([
      [true, true, true, true, false],
      [true, true, true, true, false],
    ]);
  });

  it("works in a constructor and in blockConcurrencyWhile, where no invocation records it", async () => {
    await call("made");
    // The classes are instrumented by now, so that a second instance meets them in its constructor.
    const { value, bare, spans } = await call("made");
    expect([value, bare, spans]).toEqual([1, 1, []]);
  });
});

describe("a transaction", () => {
  it("is the parent of what its closure does, also after an await", async () => {
    const { value, bare, root, spans } = await call("transact");
    expect(value).toEqual(bare);
    const parentOf = ({ parentSpanId }: CollectedSpan): string | undefined =>
      [root, ...spans].find(({ spanId }) => spanId === parentSpanId)?.name;
    expect(spans.map((span) => [span.name, parentOf(span)])).toEqual([
      ["transaction storage", root.name],
      ["put storage", "transaction storage"],
      ["inside", "transaction storage"],
      ["get storage", "inside"],
      ["transactionSync storage", root.name],
      ["exec storage", "transactionSync storage"],
      ["get storage", "transactionSync storage"],
      ["get storage", root.name],
    ]);
  });

  it("rolls back as without tracing and throws the same error, which its span records", async () => {
    const { value, bare, spans } = await call("rollBack");
    expect([value, bare]).toEqual([
      [true, true, 1],
      [true, true, 1],
    ]);
    const transactions = spans.filter(({ name }) => name.startsWith("transaction"));
    expect(transactions.map(({ attributes }) => attributes["error.type"])).toEqual([
      "RangeError",
      "RangeError",
      undefined,
    ]);
  });
});
