/** A service that nobody traces. */
import { WorkerEntrypoint } from "cloudflare:workers";

export class Desk extends WorkerEntrypoint {
  override async fetch(): Promise<Response> {
    return new Response("desk");
  }
}
