/** Loads the instrumented Worker round after round and looks at what its heap still holds. */
import { startClient } from "./client.ts";
import { endpointOf, freePort, settled, startCollector } from "./collector.ts";
import { SPANS_PER_REQUEST } from "./fixture/handler.ts";
import { heapBytes } from "./heap.ts";
import type { Run } from "./options.ts";
import { printHeap } from "./report.ts";
import { createSubject } from "./subject.ts";
import { startCollected } from "./workers.ts";

/** More than this is growth and not the noise of compiled code and inline caches. */
const MOST_GROWTH = 1.1;

/** Resolves to whether the heap of the second half of the rounds is no larger than that of the first. */
export async function measureMemory(run: Run): Promise<boolean> {
  const port = await freePort();
  const collector = await startCollector(port);
  const workerd = await startCollected(endpointOf(port), run.env);
  const subject = createSubject({
    client: startClient(),
    connections: run.connections,
    workerd,
    rest: (requests) => settled(collector, requests * SPANS_PER_REQUEST),
  });
  const heapMb: number[] = [];
  const look = async (): Promise<void> => {
    heapMb.push((await heapBytes(workerd)) / 1024 ** 2);
  };
  await subject.warmUp();
  await look();
  for (let round = 0; round < run.rounds; round++) {
    await subject.round(run.requests);
    await look();
  }
  printHeap(subject, heapMb);
  const rounds = heapMb.slice(1);
  const half = Math.ceil(rounds.length / 2);
  return Math.max(...rounds.slice(half)) <= MOST_GROWTH * Math.max(...rounds.slice(0, half));
}
