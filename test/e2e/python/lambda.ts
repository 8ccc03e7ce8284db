import { wrapHandler } from "edgespan/lambda";
import * as propagators from "edgespan/propagators";
import { relay } from "./relay.ts";

export const handler = wrapHandler(
  async ({ queryStringParameters: { to } }: { queryStringParameters: { to: string } }) => ({
    statusCode: 200,
    body: JSON.stringify(await relay(to)),
  }),
  { propagators },
);
