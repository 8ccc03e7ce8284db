import { env } from "cloudflare:test";
import { env as imported } from "cloudflare:workers";
import type { CollectedSpan } from "edgespan/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { thrownBy, traced } from "../invoke.ts";

const { SHOP } = env as unknown as { SHOP: D1Database };
const D1 = {
  "cloudflare.binding.name": "SHOP",
  "cloudflare.binding.type": "D1",
  "db.system.name": "cloudflare-d1",
};
const INSERT = "INSERT INTO items (name) VALUES (?)";
const COUNT = "SELECT count(*) AS n FROM items";

interface Traced<T> {
  value: Awaited<T>;
  root: CollectedSpan;
  spans: CollectedSpan[];
}

const run = <T>(work: () => T): Promise<Traced<T>> => traced(work, { env });

/** The text and the summary of the one query that `work` makes. */
async function textOf(query: string): Promise<unknown[]> {
  const { spans } = await run(() => thrownBy(() => SHOP.prepare(query).all()));
  return [spans[0]?.attributes["db.query.text"], spans[0]?.attributes["db.query.summary"]];
}

/** Without what differs from one run to the next. */
function steady(result: unknown): unknown {
  const text = JSON.stringify(result, (key, value: unknown) =>
    ["duration", "sql_duration_ms"].includes(key) ? undefined : value,
  );
  return JSON.parse(text);
}

/** Before anything is instrumented: what each call answers then. */
let bare: unknown[];
const SELECT = "SELECT id, name FROM items WHERE name = ?";

async function reads(): Promise<unknown[]> {
  const select = SHOP.prepare(SELECT).bind("secret");
  return [
    await select.first(),
    await select.first("name"),
    steady(await select.all()),
    steady(await select.run()),
    await select.raw(),
    await select.raw({ columnNames: true }),
    steady(await SHOP.batch([select, SHOP.prepare(COUNT)])),
    await SHOP.withSession().prepare(COUNT).first("n"),
  ];
}

/** Made when the application was loaded, which nothing had instrumented. */
const early = { statement: SHOP.prepare(COUNT), session: SHOP.withSession() };

beforeAll(async () => {
  await SHOP.exec("DROP TABLE IF EXISTS items");
  await SHOP.exec("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE)");
  await SHOP.prepare(INSERT).bind("secret").run();
  bare = await reads();
});

describe("a query of D1", () => {
  // The first of all, because afterwards their classes are instrumented.
  it("is told also of a statement or a session that was made before, without the binding", async () => {
    const { spans } = await run(async () => {
      await early.statement.first();
      await early.session.prepare(COUNT).first();
    });
    expect(spans.map(({ name, attributes }) => [name, attributes["db.query.text"]])).toEqual([
      ["first d1", COUNT],
      ["first d1", COUNT],
    ]);
  });

  it("is a CLIENT span with its text, its summary and what D1 tells of it", async () => {
    const { value, root, spans } = await run(async () =>
      SHOP.prepare("SELECT name FROM items WHERE name = ? LIMIT 5").bind("secret").all(),
    );
    expect(value.results).toEqual([{ name: "secret" }]);
    expect(spans).toEqual([
      {
        traceId: root.traceId,
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        parentSpanId: root.spanId,
        traceState: undefined,
        name: "all SHOP",
        kind: "CLIENT",
        startMs: expect.any(Number) as number,
        durationMs: expect.any(Number) as number,
        attributes: {
          ...D1,
          "db.operation.name": "all",
          "db.query.text": "SELECT name FROM items WHERE name = ? LIMIT ?",
          "db.query.summary": "SELECT items",
          "cloudflare.d1.response.rows_read": value.meta.rows_read,
          "cloudflare.d1.response.rows_written": 0,
          "cloudflare.d1.response.changes": 0,
          "cloudflare.d1.response.changed_db": false,
          "cloudflare.d1.response.served_by_primary": true,
          "cloudflare.d1.response.total_attempts": 1,
          "cloudflare.d1.response.sql_duration_ms": expect.any(Number) as number,
        },
        events: [],
        links: [],
        status: { code: "UNSET", message: undefined },
        resource: root.resource,
        scope: "edgespan",
      },
    ]);
  });

  it("answers what it answered before, by every method, each with one span", async () => {
    const { value, root, spans } = await run(reads);
    expect(value).toEqual(bare);
    expect(spans.map(({ name, attributes }) => [name, attributes["db.query.summary"]])).toEqual([
      ["first SHOP", "SELECT items"],
      ["first SHOP", "SELECT items"],
      ["all SHOP", "SELECT items"],
      ["run SHOP", "SELECT items"],
      ["raw SHOP", "SELECT items"],
      ["raw SHOP", "SELECT items"],
      ["batch SHOP", "BATCH"],
      ["first SHOP", "SELECT items"],
    ]);
    expect(spans.every(({ parentSpanId }) => parentSpanId === root.spanId)).toBe(true);
    expect(JSON.stringify(spans)).not.toContain("secret");
  });

  it("keeps its text where a statement is bound again and again, or bound to nothing", async () => {
    const { spans } = await run(async () => {
      const statement = SHOP.prepare(SELECT);
      await statement.bind("a").first();
      await statement.bind("b").bind("c").first();
      await statement.bind("d").first("name");
      await SHOP.prepare(COUNT).first();
    });
    expect(spans.map(({ attributes }) => attributes["db.query.text"])).toEqual([
      SELECT,
      SELECT,
      SELECT,
      COUNT,
    ]);
  });

  it("has a span where the statement was prepared before, outside of an invocation", async () => {
    await run(() => SHOP.prepare(COUNT));
    const statement = SHOP.prepare(COUNT);
    await statement.first();
    const { spans } = await run(() => statement.first());
    expect(spans).toMatchObject([
      { name: "first SHOP", attributes: { ...D1, "db.query.text": COUNT } },
    ]);
  });

  it("makes none where it is only prepared and bound", async () => {
    const { spans } = await run(() => SHOP.prepare(SELECT).bind("secret"));
    expect(spans).toEqual([]);
  });
});

describe("a batch", () => {
  it("is one span with the texts of its statements, whichever prepared them, also once there was a session", async () => {
    const { value, spans } = await run(async () => {
      const session = SHOP.withSession("first-primary");
      const insert = SHOP.prepare(INSERT);
      const same = await SHOP.batch([insert.bind("one"), insert.bind("two")]);
      await session.batch([session.prepare(COUNT), SHOP.prepare("DELETE FROM items -- 'all'")]);
      return same.map(({ meta }) => meta.rows_written);
    });
    const rowsWritten = value.reduce((sum, rows) => sum + rows, 0);
    expect(rowsWritten).toBeGreaterThan(1);
    expect(spans.map(({ name, attributes }) => [name, attributes])).toMatchObject([
      [
        "batch SHOP",
        {
          ...D1,
          "db.operation.name": "batch",
          "db.operation.batch.size": 2,
          "db.query.text": INSERT,
          "db.query.summary": "BATCH INSERT items",
          "cloudflare.d1.response.rows_written": rowsWritten,
          "cloudflare.d1.response.changed_db": true,
        },
      ],
      [
        "batch SHOP",
        {
          ...D1,
          "db.operation.batch.size": 2,
          "db.query.text": `${COUNT};\nDELETE FROM items  `,
          "db.query.summary": "BATCH",
        },
      ],
    ]);
    expect(spans.length).toBe(2);
    await SHOP.prepare(INSERT).bind("secret").run();
  });
});

describe("the text of a query", () => {
  it.each([
    [
      "SELECT * FROM items WHERE name = 'o''clock' AND id > 1.5",
      "SELECT * FROM items WHERE name = ? AND id > ?",
      "SELECT items",
    ],
    [
      "select name from items where id = ?1",
      "select name from items where id = ?1",
      "select items",
    ],
    [
      'SELECT "items"."id" FROM "items" WHERE name = "a@b.c"',
      'SELECT "items"."id" FROM "items" WHERE name = ?',
      "SELECT items",
    ],
    [
      "-- don't\nDELETE FROM items /* it's */ WHERE name = 'x'",
      " \nDELETE FROM items   WHERE name = ?",
      "DELETE items",
    ],
    [
      "UPDATE OR IGNORE items SET name = 'new' WHERE id IN (100, 0xFF)",
      "UPDATE OR IGNORE items SET name = ? WHERE id IN (?, ?)",
      "UPDATE items",
    ],
    [
      'SELECT "a" FROM "items" AS "t" JOIN "u" ON "t"."a" = "u"."b" WHERE "name" = "hunter2"',
      'SELECT "a" FROM "items" AS "t" JOIN "u" ON "t"."a" = "u"."b" WHERE "name" = ?',
      "SELECT items",
    ],
    [
      'SELECT min("a"), "b" FROM items WHERE "a" <> "hunter2" OR "b" IN ("c", "d") ORDER BY "b"',
      'SELECT min("a"), "b" FROM items WHERE "a" <> ? OR "b" IN (?, ?) ORDER BY "b"',
      "SELECT items",
    ],
    [
      'INSERT INTO "items" ("id", "name") VALUES (?, "one"), (NULL, "two") RETURNING "id"',
      'INSERT INTO "items" ("id", "name") VALUES (?, ?), (NULL, ?) RETURNING "id"',
      "INSERT items",
    ],
    [
      "SELECT 1 AS [it's], `it's` FROM items WHERE name = 'hunter2'",
      "SELECT ? AS [it's], `it's` FROM items WHERE name = ?",
      "SELECT items",
    ],
    ["SELECT a FROM items -- it's\rhunter2", "SELECT a FROM items  ", "SELECT items"],
    ["WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT ?) SELECT * FROM a", "WITH a"],
    ["CREATE TABLE IF NOT EXISTS t1 (id)", "CREATE TABLE IF NOT EXISTS t1 (id)", "CREATE t1"],
    ["SELECT 'never closed", "SELECT ?", "SELECT"],
    ["PRAGMA table_list", "PRAGMA table_list", "PRAGMA"],
    ["", "", undefined],
  ])("holds no value: %s", async (query, text, summary) => {
    expect(await textOf(query)).toEqual([text, summary]);
  });

  it("is cut where it is long, and of several statements has no summary", async () => {
    const long = `SELECT 1; SELECT ${"x".repeat(20_000)}`;
    const { spans } = await run(() => thrownBy(() => SHOP.exec(long)));
    const text = String(spans[0]?.attributes["db.query.text"]);
    expect([spans[0]?.name, text.length]).toEqual(["exec SHOP", 10_000]);
    expect(spans[0]?.attributes).not.toHaveProperty("db.query.summary");
  });
});

describe("a query that fails", () => {
  const failing: [string, () => Promise<unknown>, string][] = [
    ["a wrong syntax", () => SHOP.prepare("SELEKT 1").first(), "SQLITE_ERROR"],
    [
      "a violated constraint",
      () => SHOP.prepare(INSERT).bind("secret").run(),
      "SQLITE_CONSTRAINT_UNIQUE",
    ],
    [
      "a batch with a wrong statement",
      () => SHOP.batch([SHOP.prepare(COUNT), SHOP.prepare("SELEKT 1")]),
      "SQLITE_ERROR",
    ],
    ["a wrong exec", () => SHOP.exec("SELEKT 1"), "SQLITE_ERROR"],
  ];

  it.each(failing)(
    "rejects as without tracing, with the code of SQLite's: %s",
    async (_kind, work, code) => {
      const untraced = (await thrownBy(work))?.thrown as Error;
      const { value, spans } = await run(() => thrownBy(work));
      const thrown = value?.thrown as Error;
      expect([thrown.constructor, thrown.message, String(thrown.cause)]).toEqual([
        untraced.constructor,
        untraced.message,
        String(untraced.cause),
      ]);
      expect(spans).toMatchObject([
        {
          attributes: { ...D1, "db.response.status_code": code, "error.type": code },
          status: { code: "ERROR", message: thrown.message },
          events: [{ name: "exception" }],
        },
      ]);
    },
  );

  it.each<[string, () => unknown]>([
    ["a column that is not there", () => SHOP.prepare(COUNT).first("nope")],
    ["a value that cannot be bound", () => SHOP.prepare(SELECT).bind(undefined)],
    ["a batch of nothing", () => SHOP.batch([])],
    ["a batch of what is no list", () => Reflect.apply(SHOP.batch, SHOP, [5])],
    ["a batch of what are no statements", () => Reflect.apply(SHOP.batch, SHOP, [[null, 5]])],
    ["no query", () => Reflect.apply(SHOP.prepare, SHOP, []).first()],
    ["no text", () => Reflect.apply(SHOP.exec, SHOP, [])],
    ["a dump, which new databases have not", () => SHOP.dump()],
    ["a method that is taken off", () => Reflect.apply(SHOP.prepare, undefined, [COUNT])],
    ["one of a statement's", () => Reflect.apply(SHOP.prepare(COUNT).first, undefined, [])],
  ])("throws what it did without tracing: %s", async (_kind, work) => {
    const untraced = await thrownBy(work);
    const { value } = await run(() => thrownBy(work));
    expect(String(value?.thrown)).toBe(String(untraced?.thrown));
    expect(value === undefined).toBe(untraced === undefined);
  });
});

describe("D1's objects", () => {
  it("are what they were: methods borrowed and bound work, and keep their names", async () => {
    const { value } = await run(async () => {
      const { prepare } = SHOP;
      const statement: D1PreparedStatement = Reflect.apply(prepare, SHOP, [COUNT]);
      const all = statement.all.bind(statement);
      return [
        (await all()).results.length,
        [prepare.name, prepare.length, statement.first.name, statement.bind.name],
        Object.getPrototypeOf(statement) === Object.getPrototypeOf(SHOP.prepare(SELECT)),
        statement instanceof (SHOP.prepare(SELECT).constructor as never),
        (imported as unknown as { SHOP: D1Database }).SHOP === SHOP,
        SHOP.withSession().getBookmark(),
      ];
    });
    expect(value).toEqual([1, ["prepare", 1, "first", "bind"], true, true, true, null]);
  });

  it("work outside of an invocation, and record nothing", async () => {
    await run(reads);
    expect(await SHOP.prepare(COUNT).first("n")).toEqual(expect.any(Number));
    const { spans } = await run(() => undefined);
    expect(spans).toEqual([]);
  });
});
