/** A trace id that follows from a name, the same in every isolate. */

/** Four lanes of 32 bits, each begun differently; no secret hangs on them, so that they need not be cryptographic. */
const SEEDS = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;

/** 32 lowercase hexadecimal digits, as evenly spread as a sampler by ratio needs them. */
export function traceIdOf(name: string): string {
  return SEEDS.map((seed) => hash(name, seed).toString(16).padStart(8, "0")).join("");
}

/** The mixing steps of MurmurHash3, over the characters' codes; never 0, as no trace id may be. */
function hash(text: string, seed: number): number {
  let bits = seed ^ text.length;
  for (let index = 0; index < text.length; index++) {
    bits = Math.imul(bits ^ text.charCodeAt(index), 0xcc9e2d51);
    bits = (bits << 13) | (bits >>> 19);
  }
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0 || 1;
}
