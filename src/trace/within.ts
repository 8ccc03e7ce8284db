/** Waits. */

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Settles as `work` does, or rejects after `ms`; `onTimeout` may then end the work, which is
 * no longer waited for.
 */
export async function within<T>(ms: number, work: Promise<T>, onTimeout?: () => void): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        onTimeout?.();
        reject(new Error(`no response within ${Math.round(ms)} ms`));
      },
      // Node warns of a negative time.
      Math.max(0, ms),
    );
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
