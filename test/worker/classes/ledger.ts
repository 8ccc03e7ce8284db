/** A Durable Object that uses all of its storage, instrumented and bare. */
import { DurableObject } from "cloudflare:workers";
import { span } from "edgespan";
import { createCollector } from "edgespan/testing";
import { instrumentDurableObject } from "edgespan/worker";
import { exporterOf, thrownBy } from "../invoke.ts";

export const collector = createCollector();

const options = { ...exporterOf(collector), flush: { windowMs: 0 } };

/** What a call throws, in words that two isolates can compare. */
async function wordsOf(work: () => unknown): Promise<string> {
  return String((await thrownBy(work))?.thrown);
}

export class PlainLedger extends DurableObject {
  readonly #storage: DurableObjectStorage;
  readonly #stayed: boolean;
  #made = 0;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#storage = ctx.storage;
    this.#stayed = ctx === this.ctx && ctx.storage === this.ctx.storage;
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS lines (id INTEGER PRIMARY KEY, name TEXT UNIQUE)",
    );
    void ctx.blockConcurrencyWhile(async () => {
      await ctx.storage.put("made", 1);
      this.#made = (await ctx.storage.get<number>("made")) ?? 0;
    });
  }

  async made(): Promise<number> {
    return this.#made;
  }

  async keys(): Promise<unknown[]> {
    const storage = this.#storage;
    return [
      await storage.put("a", "secret"),
      await storage.put({ b: "hidden", c: 3 }),
      await storage.get("a"),
      [...(await storage.get(["b", "c", "d"]))],
      [...(await storage.list({ prefix: "b", limit: 2 }))],
      await storage.delete("a"),
      await storage.delete(["b", "c", "d"]),
      await storage.setAlarm(Date.now() + 3_600_000),
      typeof (await storage.getAlarm()),
      await storage.deleteAlarm(),
      await storage.sync(),
      await storage.deleteAll(),
    ];
  }

  async queries(): Promise<unknown[]> {
    const { sql } = this.#storage;
    const written = sql.exec("INSERT INTO lines (name) VALUES (?), ('secret')", "hidden");
    const rows = sql.exec("SELECT name FROM lines ORDER BY id LIMIT 10");
    return [
      written.rowsWritten > 0,
      written instanceof sql.Cursor,
      rows.rowsRead,
      rows.toArray(),
      rows.rowsRead,
    ];
  }

  async wrongQueries(): Promise<string[]> {
    const { sql } = this.#storage;
    sql.exec("INSERT OR IGNORE INTO lines (name) VALUES ('once')");
    return [
      await wordsOf(() => sql.exec("SELEKT 1")),
      await wordsOf(() => sql.exec("INSERT INTO lines (name) VALUES (?)", "once")),
      await wordsOf(() => Reflect.apply(sql.exec, sql, [])),
      await wordsOf(() => Reflect.apply(sql.exec, sql, [null])),
    ];
  }

  async transact(): Promise<unknown[]> {
    const storage = this.#storage;
    const value = await storage.transaction(async (txn) => {
      await txn.put("paid", 1);
      return span("inside", async () => {
        await scheduler.wait(1);
        return [await txn.get("paid"), txn.constructor.name];
      });
    });
    const synchronous = storage.transactionSync(() => {
      storage.sql.exec("INSERT OR IGNORE INTO lines (name) VALUES ('sync')");
      return storage.kv.get("paid");
    });
    return [value, synchronous, await storage.get("paid")];
  }

  async rollBack(): Promise<unknown[]> {
    const storage = this.#storage;
    const error = new RangeError("not enough");
    await storage.put("balance", 1);
    const later = await thrownBy(() =>
      storage.transaction(async (txn) => {
        await txn.put("balance", 2);
        throw error;
      }),
    );
    const atOnce = await thrownBy(() =>
      storage.transactionSync(() => {
        storage.kv.put("balance", 3);
        throw error;
      }),
    );
    await storage.transaction(async (txn) => {
      await txn.put("balance", 4);
      txn.rollback();
    });
    return [later?.thrown === error, atOnce?.thrown === error, await storage.get("balance")];
  }

  async synchronous(): Promise<unknown[]> {
    const { kv } = this.#storage;
    return [kv.put("k", "v"), kv.get("k"), [...kv.list()].length > 0, kv.delete("k")];
  }

  async borrowed(): Promise<unknown[]> {
    const storage = this.#storage;
    const { get, transaction } = storage;
    const { exec } = storage.sql;
    return [
      await wordsOf(() => get("a")),
      await wordsOf(() => exec("SELECT 1")),
      await wordsOf(() => transaction(async () => 1)),
      await wordsOf(() => Reflect.apply(transaction, storage, [])),
      await wordsOf(() => Reflect.apply(get, storage, [])),
      await storage.get.bind(storage)("nothing"),
      Reflect.apply(exec, storage.sql, ["SELECT 1 AS one"]).one(),
      [get.name, get.length, exec.name, transaction.length],
    ];
  }

  async isItself(): Promise<boolean[]> {
    const { storage } = this.ctx;
    return [
      this.#stayed,
      storage === this.#storage,
      storage.sql === this.#storage.sql,
      this instanceof PlainLedger,
      Object.keys(storage).includes("get"),
    ];
  }
}

export const Ledger = instrumentDurableObject(PlainLedger, options);
