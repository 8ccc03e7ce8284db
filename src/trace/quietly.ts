/** Runs a step of telemetry whose faults must not reach the application. */
export function quietly<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch {
    return undefined;
  }
}
