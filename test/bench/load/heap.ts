/** Asks a workerd over its inspector what its JavaScript heap still holds once garbage is gone. */
import { once } from "node:events";
import type { Workerd } from "./workerd.ts";

const ATTEMPT_MS = 10_000;

/** Bytes that are reachable in the isolate. The Worker collects its garbage at `/collect`. */
export async function heapBytes({ port, inspectorPort }: Workerd): Promise<number> {
  const signal = AbortSignal.timeout(ATTEMPT_MS);
  await fetch(`http://127.0.0.1:${port}/collect`, { signal });
  const response = await fetch(`http://127.0.0.1:${inspectorPort}/json`, { signal });
  const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
  if (!target) throw new Error("the inspector of workerd lists no Worker");
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await once(socket, "open", { signal });
  const answered = once(socket, "message", { signal });
  socket.send(JSON.stringify({ id: 1, method: "Runtime.getHeapUsage" }));
  const [{ data }] = (await answered) as [MessageEvent];
  socket.close();
  return (JSON.parse(String(data)) as { result: { usedSize: number } }).result.usedSize;
}
