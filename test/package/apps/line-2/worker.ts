import { instrument } from "edgespan/worker";
import { parts, work } from "./parts.ts";

export default instrument(
  {
    async fetch() {
      return work(() => new Response("done"));
    },
  },
  parts,
);
