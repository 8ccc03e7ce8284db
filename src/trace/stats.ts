/** What became of the spans: the counters behind `stats()`. */

/** Why spans were given up. */
export interface DroppedSpans {
  /** The queue was full. */
  queue_full: number;
  /** The backend refused them, whole or in part. */
  rejected: number;
  /** A single span was too large for the backend or for `maxBodyBytes`, or could not be encoded. */
  too_large: number;
}

/** Counts of one destination; `recorded` is always `exported` + `queued` + all of `dropped`. */
export interface DestinationStats {
  /** Origin and path of the endpoint, or the exporter's name; never a query, header or credential, nor what is as long as a key. */
  readonly name: string;
  /** Spans that were handed over to this destination. */
  recorded: number;
  /** Spans that the destination has accepted. */
  exported: number;
  /** Spans that wait or are under way. */
  queued: number;
  /** Spans that went back into the queue after an attempt had failed. */
  retried: number;
  readonly dropped: DroppedSpans;
  /** Requests made; writes, where the destination is no OTLP endpoint. */
  posts: number;
  /** Bytes of their bodies, as they were sent. */
  bytes: number;
}

/** Counts of this isolate or process since its start. */
export interface Stats {
  /** Finished, sampled spans. */
  recorded: number;
  /** Spans that were ended because their invocation could not wait for them any longer. */
  truncated: number;
  /** Spans that a tail sampler dropped, where one did. */
  sampledOut?: number;
  /** Spans that were not recorded because their invocation held as much as `limits` allow. */
  overLimit: number;
  destinations: DestinationStats[];
}

/** The counters of this isolate or process. */
export const counters: Stats = {
  recorded: 0,
  truncated: 0,
  overLimit: 0,
  destinations: [],
};

/** Adds the counters of a destination. */
export function countDestination(name: string): DestinationStats {
  const destination: DestinationStats = {
    name,
    recorded: 0,
    exported: 0,
    queued: 0,
    retried: 0,
    dropped: { queue_full: 0, rejected: 0, too_large: 0 },
    posts: 0,
    bytes: 0,
  };
  counters.destinations.push(destination);
  return destination;
}

/**
 * Tells what became of the spans of this isolate or process, for each destination.
 * @returns a copy: later spans do not change it
 */
export function stats(): Stats {
  return structuredClone(counters);
}
