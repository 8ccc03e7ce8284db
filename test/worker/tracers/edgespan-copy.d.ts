/** The other copy, which the test makes. */
declare module "edgespan-copy/worker" {
  export * from "edgespan/worker";
}
