/** A `fetch` that signs each request for an AWS service, such as X-Ray's OTLP endpoint. */
import { AwsV4Signer } from "aws4fetch";
import type { FetchLike } from "./send.js";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface AwsSignedOptions {
  /** Default the region in the URL's host, else `AWS_REGION`. */
  readonly region?: string;
  /** Default `"xray"`, whose endpoint takes traces. */
  readonly service?: string;
  /** Or a function that answers them, called for each request. Default `AWS_ACCESS_KEY_ID` and its like. */
  readonly credentials?: AwsCredentials | (() => AwsCredentials | Promise<AwsCredentials>);
  /** What sends the signed request. Default the global `fetch`. */
  readonly fetch?: FetchLike;
}

/** The region of e.g. `xray.eu-west-1.amazonaws.com`. */
const REGION = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/;

/**
 * Answers an exporter's `fetch` that signs by Signature Version 4. A request that cannot be
 * signed is not sent, and says why.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
 */
export function awsSigned(options: AwsSignedOptions = {}): FetchLike {
  const { service = "xray", credentials = fromEnvironment, fetch: send } = options;
  return async (url, init) => {
    const region = options.region ?? REGION.exec(url)?.[1] ?? process.env.AWS_REGION;
    if (!region) throw new Error('awsSigned() needs a region, e.g. { region: "eu-west-1" }');
    const { accessKeyId, secretAccessKey, sessionToken } =
      typeof credentials === "function" ? await credentials() : credentials;
    const signed = await new AwsV4Signer({
      method: init.method,
      url,
      headers: init.headers,
      body: init.body as Uint8Array<ArrayBuffer>,
      service,
      region,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken && { sessionToken }),
    }).sign();
    const headers = Object.fromEntries(signed.headers);
    return (send ?? globalThis.fetch)(url, { ...init, headers });
  };
}

function fromEnvironment(): AwsCredentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw new Error(
      "awsSigned() needs credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or its option",
    );
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  };
}
