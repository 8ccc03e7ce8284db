import { span } from "edgespan";
import { instrument } from "edgespan/worker";

export default instrument({
  async fetch() {
    return span("app.work", () => new Response("done"));
  },
});
