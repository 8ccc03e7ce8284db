export { type CaptureOptions, capture } from "./instrument/capturing.js";
export type { Capture } from "./trace/capturing.js";
