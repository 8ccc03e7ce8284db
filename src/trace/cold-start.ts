/** The cold-start flag, one for the isolate or process however many handlers it holds. */
let cold = true;

/** Answers `true` to the first invocation of this isolate or process, then `false` for good. */
export function takeColdStart(): boolean {
  const first = cold;
  cold = false;
  return first;
}
