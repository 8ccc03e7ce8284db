/** The released version of this package, sent as `telemetry.sdk.version`. */
export const VERSION = "0.1.0";
