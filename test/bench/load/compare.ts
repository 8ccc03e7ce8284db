/** Loads the bare, the context-only and the instrumented Worker in turns and counts what reaches the collector. */
import { startClient } from "./client.ts";
import { type Collector, endpointOf, freePort, settled, startCollector } from "./collector.ts";
import { SPANS_PER_REQUEST } from "./fixture/handler.ts";
import type { Run } from "./options.ts";
import { printExport, printMemory, printSaid, printSpeed } from "./report.ts";
import { createSubject } from "./subject.ts";
import { startBare, startContexts, startInstrumented } from "./workers.ts";

/** Resolves to whether every span arrived exactly once. */
export async function compare({ requests, rounds, connections, env }: Run): Promise<boolean> {
  const port = await freePort();
  const collector = await startCollector(port);
  const load = { client: startClient(), connections };
  const bare = createSubject({ ...load, workerd: await startBare() });
  const contexts = createSubject({ ...load, workerd: await startContexts() });
  const instrumented = createSubject({
    ...load,
    workerd: await startInstrumented(endpointOf(port), env),
    // One Worker must not export while the other is measured.
    rest: untilExported(collector),
  });

  const turns = [bare, contexts, instrumented];
  for (const subject of turns) await subject.warmUp();
  for (let round = 0; round < rounds; round++) {
    for (const subject of turns) await subject.round(requests);
    // In turns, so that neither is always the first.
    turns.reverse();
  }

  const spans = instrumented.requests * SPANS_PER_REQUEST;
  const counts = await settled(collector, 0, QUIET_MS);
  printSpeed({ bare, contexts, instrumented });
  printExport(counts, instrumented.requests, spans);
  printMemory(bare, instrumented);
  printSaid(instrumented.said());
  return counts.spans === spans && counts.duplicates === 0;
}

/** How long a last export may take that nobody needs any more, such as a retry. */
const QUIET_MS = 3_000;

/** Waits for the spans of all requests so far, and once only for those that never come. */
function untilExported(collector: Collector): (requests: number) => Promise<void> {
  let lost = 0;
  return async (requests) => {
    const expected = requests * SPANS_PER_REQUEST;
    const { spans, duplicates } = await settled(collector, expected - lost);
    lost = expected - (spans - duplicates);
  };
}
