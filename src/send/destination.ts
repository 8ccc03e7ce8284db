/**
 * The queue of one destination. What cannot be delivered for now waits here, up to a cap.
 * While the destination fails, one invocation at a time tries again, after pauses that grow;
 * all others only leave their spans here.
 */
import { type Log, printable } from "../trace/report.js";
import { sleep } from "../trace/within.js";
import type { DestinationStats, DroppedSpans } from "../trace/stats.js";
import { type Attempt, type AttemptResult, type Batch, bytesOf } from "./attempt.js";
import { pauseMs } from "./pause.js";

export interface DestinationOptions extends Log {
  attempt: Attempt;
  counters: DestinationStats;
  /** The most spans that wait and are under way. */
  maxQueueSize: number;
  maxBatchSize: number;
  /** Longest time for one attempt. */
  timeoutMs: number;
  now: () => number;
  /** A number from 0 to 1, for the jitter. */
  random?: () => number;
}

/** From this failure on nobody waits whose response would wait too. */
const OPEN_AFTER = 3;
/** A failure that takes this long counts as so many. */
const SLOW_MS = 1_000;
/** Beyond its time limit, an attempt is taken for lost with the invocation that made it. */
const GRACE_MS = 1_000;
/** About as many bytes may wait, whatever the number of spans: an isolate has 128 MB. */
const MAX_BYTES = 16_000_000;

interface Flight {
  readonly batch: Batch;
  readonly startedAt: number;
  readonly lostAt: number;
}

export class Destination {
  readonly #options: DestinationOptions;
  #queue: Batch[] = [];
  readonly flights: Set<Flight> = new Set();
  /** The size of a batch; a backend that finds one too large lowers it. */
  #limit: number;
  /** Failures in a row. */
  #failures = 0;
  #failedAt = 0;
  #pausedUntil = 0;
  /** Until when the invocation that tries again is believed alive. */
  #heldUntil = 0;
  /** What is held by all that waits and is under way, about. */
  #held = 0;

  constructor(options: DestinationOptions) {
    this.#options = options;
    this.#limit = options.maxBatchSize;
  }

  /** Takes spans over; those beyond the cap are dropped and counted. */
  add(batch: Batch): void {
    const { counters, maxQueueSize, maxBatchSize } = this.#options;
    const room = this.#held > MAX_BYTES ? 0 : maxQueueSize - counters.queued;
    const lost = batch.slice(room);
    const kept = lost.length > 0 ? batch.slice(0, room) : batch;
    counters.recorded += batch.length;
    counters.queued += batch.length;
    this.#held += bytesOf(batch);
    this.#leave(lost, "queue_full", "the queue is full");
    const last = this.#queue.at(-1);
    // While the destination fails, small batches are gathered to whole ones.
    if (this.#failures > 0 && last && last.length + kept.length <= maxBatchSize)
      this.#queue[this.#queue.length - 1] = [...last, ...kept];
    else if (kept.length > 0) this.#queue.push(kept);
  }

  /** Whether an invocation has nothing to do here: another tries again, or nobody may for long. */
  isPaused(withinMs: number): boolean {
    const now = this.#options.now();
    return this.#failures > 0 && (now < this.#heldUntil || now + withinMs < this.#pausedUntil);
  }

  /**
   * Sends what waits, until `deadline`. Where the destination fails, a `patient` caller
   * tries again until then; another gives up after a few attempts. Who does not say which has
   * the last chance, and makes an attempt whatever pause there is.
   */
  async drain(deadline: number, patient?: boolean): Promise<void> {
    const { now } = this.#options;
    // Takes back what was under way in an invocation that the platform has ended.
    for (const flight of this.flights)
      if (now() > flight.lostAt && this.flights.delete(flight)) this.#back(flight.batch);
    while (this.#queue.length > 0 && now() < deadline) {
      const isRetry = this.#failures > 0;
      if (isRetry && patient !== undefined && !(await this.#turn(deadline, patient))) return;
      patient ??= false;
      const held = this.#heldUntil;
      const batch = this.#next();
      if (batch) await this.#send(batch, deadline);
      if (isRetry && this.#heldUntil === held) this.#heldUntil = 0;
    }
  }

  /** Waits for the end of the pause, as the only one; answers whether an attempt may be made now. */
  async #turn(deadline: number, patient: boolean): Promise<boolean> {
    const { now, timeoutMs } = this.#options;
    const startsAt = Math.max(now(), this.#pausedUntil);
    const waitMs = startsAt - now();
    if (now() < this.#heldUntil || startsAt >= deadline) return false;
    if (waitMs > 0 && !patient && this.#failures >= OPEN_AFTER) return false;
    this.#heldUntil = Math.min(startsAt + timeoutMs, deadline) + GRACE_MS;
    if (waitMs > 0) await sleep(waitMs);
    return true;
  }

  #next(): Batch | undefined {
    const batch = this.#queue.shift();
    if (!batch || batch.length <= this.#limit) return batch;
    this.#queue.unshift(batch.slice(this.#limit));
    return batch.slice(0, this.#limit);
  }

  async #send(batch: Batch, deadline: number): Promise<void> {
    const { attempt, timeoutMs, now } = this.#options;
    const startedAt = now();
    const budgetMs = Math.min(timeoutMs, deadline - startedAt);
    const flight: Flight = { batch, startedAt, lostAt: startedAt + budgetMs + GRACE_MS };
    this.flights.add(flight);
    // What throws cannot encode one of the spans; parts of the batch may do without it.
    const result = await attempt(batch, budgetMs).catch((error: unknown): AttemptResult => ({
      status: "tooLarge",
      reason: printable(error),
    }));
    // Whoever took it for lost has queued it again.
    if (this.flights.delete(flight)) this.#settle(batch, result, startedAt);
  }

  #settle(batch: Batch, result: AttemptResult, startedAt: number): void {
    const { counters, maxBatchSize, timeoutMs, now, notice, debug } = this.#options;
    const { length } = batch;
    const tookMs = now() - startedAt;
    debug(`${length} spans to ${counters.name}: ${result.status} in ${tookMs} ms`);
    switch (result.status) {
      case "delivered": {
        const { rejectedSpans = 0, reason } = result;
        // One that began before the last failure does not undo what the backend asked for then.
        if (startedAt >= this.#failedAt) this.#failures = this.#pausedUntil = 0;
        this.#limit = Math.min(maxBatchSize, this.#limit + Math.ceil(this.#limit / 8));
        return this.#leave(batch, "rejected", reason, rejectedSpans);
      }
      case "retryable":
        this.#back(batch);
        this.#fail(startedAt, result.retryAfterMs);
        // Nobody whose response would wait should spend as long on it, again or at all.
        // A timer may fire a little early.
        if (Math.max(tookMs, result.retryAfterMs ?? 0) >= Math.min(SLOW_MS, 0.9 * timeoutMs))
          this.#failures = Math.max(this.#failures, OPEN_AFTER);
        if (this.#failures >= OPEN_AFTER)
          notice(`${counters.queued} spans wait for ${counters.name}: ${result.reason}`);
        return;
      case "tooLarge":
        this.#limit = Math.max(1, length >> 1);
        if (length > 1) return void this.#queue.unshift(batch);
        return this.#leave(batch, "too_large", result.reason);
      case "rejected":
        this.#leave(batch, "rejected", result.reason);
        if (!result.alive) this.#fail(startedAt);
    }
  }

  #back(batch: Batch): void {
    this.#options.counters.retried += batch.length;
    // A copy: what is kept of its encoding may hang on an invocation that is gone.
    this.#queue.unshift([...batch]);
  }

  /** Lengthens the pause; attempts that began before the last failure tell nothing new. */
  #fail(startedAt: number, retryAfterMs = 0): void {
    const now = this.#options.now();
    if (startedAt >= this.#failedAt) this.#failures++;
    this.#failedAt = now;
    const random = (this.#options.random ?? Math.random)();
    const until = now + pauseMs(this.#failures, retryAfterMs, random);
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  /** Spans leave the queue: all but those that are lost were delivered. */
  #leave(batch: Batch, reason: keyof DroppedSpans, why?: string, lost = batch.length): void {
    const { counters, report } = this.#options;
    counters.queued -= batch.length;
    counters.exported += batch.length - lost;
    counters.dropped[reason] += lost;
    this.#held -= bytesOf(batch);
    if (lost > 0) report(`${lost} spans were not delivered to ${counters.name}: ${why}`);
  }
}
