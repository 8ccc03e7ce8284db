import * as propagators from "edgespan/propagators";
import { instrument } from "edgespan/worker";
import { relay } from "./relay.ts";

export default instrument(
  {
    async fetch(request: Request) {
      return Response.json(await relay(new URL(request.url).searchParams.get("to") ?? ""));
    },
  },
  { propagators },
);
