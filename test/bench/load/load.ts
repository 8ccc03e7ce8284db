/**
 * The load benchmark of a Worker under the real runtime: workerd, a collector and a load
 * generator, each a process of its own on loopback. `--help` lists what can be turned.
 */
import { compare } from "./compare.ts";
import { killed } from "./children.ts";
import { outlive } from "./dead.ts";
import { measureMemory } from "./memory.ts";
import { readOptions } from "./options.ts";

try {
  const options = readOptions();
  const run = { compare, dead: outlive, memory: measureMemory }[options.mode];
  let sound = true;
  for (const connections of options.connections) {
    console.log(`\n${connections} connections, ${options.rounds} × ${options.requests} requests`);
    sound = (await run({ ...options, connections })) && sound;
    await killed();
  }
  process.exitCode = sound ? 0 : 1;
} finally {
  // They would keep this process from ending.
  await killed();
}
