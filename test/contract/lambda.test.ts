import { underEachClient } from "../lambda/clients.ts";
import { promises } from "./promises.ts";
import { sandbox } from "./sandbox.ts";

underEachClient("a Lambda function", (client) => {
  promises(sandbox("lambda", () => "GET", client));
});
