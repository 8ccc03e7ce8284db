/** Requests that are signed for AWS, against the algorithm as AWS writes it down. */
import { createHash, createHmac } from "node:crypto";
import { type FetchLike, span } from "edgespan";
import { awsSigned, xrayIds } from "edgespan/xray";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Sent, serveAws } from "./backend.ts";
import { traced } from "./invoke.ts";

const CREDENTIALS = { accessKeyId: "id", secretAccessKey: "hidden", sessionToken: "session" };

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer =>
  createHmac("sha256", key).update(data).digest();

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf({ path, headers, body }: Sent, region: string, secret: string): string {
  const [, signedHeaders = ""] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "") ?? [];
  const canonicalHeaders = signedHeaders.split(";").map((name) => `${name}:${headers[name]}\n`);
  const hash = sha256(body);
  const canonical = ["POST", path, "", canonicalHeaders.join(""), signedHeaders, hash].join("\n");
  const date = headers["x-amz-date"] ?? "";
  const scope = `${date.slice(0, 8)}/${region}/xray/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of scope.split("/")) key = hmac(key, part);
  return hmac(key, toSign).toString("hex");
}

describe("awsSigned", () => {
  beforeEach(() => vi.unstubAllEnvs());
  afterEach(() => vi.unstubAllEnvs());

  it("signs each export with the credentials, body and all", async () => {
    await using aws = await serveAws({});
    await traced(() => span("work", () => 1), {
      exporter: {
        url: `${aws.config.endpoint}/v1/traces`,
        fetch: awsSigned({ region: "eu-west-1", credentials: async () => CREDENTIALS }),
      },
    }).catch(() => undefined);
    const [request] = aws.sent;
    if (!request) throw new Error("nothing was sent");
    expect(request.headers).toMatchObject({ "x-amz-security-token": "session" });
    expect(request.headers.authorization).toContain(
      `Credential=id/${request.headers["x-amz-date"]?.slice(0, 8)}/eu-west-1/xray/aws4_request`,
    );
    expect(request.headers.authorization).toContain(
      `Signature=${signatureOf(request, "eu-west-1", "hidden")}`,
    );
    expect(JSON.stringify(aws.sent)).not.toContain("hidden");
  });

  it("takes credentials and region as Lambda gives them, and the region of the endpoint first", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "hidden");
    vi.stubEnv("AWS_REGION", "us-east-1");
    const regionOf = async (url: string): Promise<string | undefined> => {
      let authorization = "";
      const signed = awsSigned({
        async fetch(_url, { headers }) {
          authorization = headers.authorization ?? "";
          return { status: 200, body: null };
        },
      });
      await signed(url, {
        method: "POST",
        headers: {},
        body: new Uint8Array(1),
        signal: undefined as never,
        redirect: "manual",
      });
      return authorization.split("/")[2];
    };
    expect([
      await regionOf("http://127.0.0.1/v1/traces"),
      await regionOf("https://xray.ap-southeast-2.amazonaws.com/v1/traces"),
    ]).toEqual(["us-east-1", "ap-southeast-2"]);
  });

  it.each([
    ["AWS_REGION", "needs a region"],
    ["AWS_ACCESS_KEY_ID", "needs credentials"],
  ])("says what is missing without %s, and sends nothing", async (missing, message) => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "hidden");
    vi.stubEnv("AWS_REGION", "eu-west-1");
    vi.stubEnv(missing, "");
    const send = vi.fn<FetchLike>();
    const init = {
      method: "POST",
      headers: {},
      body: new Uint8Array(1),
      signal: undefined as never,
      redirect: "manual" as const,
    };
    await expect(awsSigned({ fetch: send })("http://127.0.0.1/", init)).rejects.toThrow(message);
    expect(send).not.toHaveBeenCalled();
  });
});

it("ids of X-Ray's kind begin with the time and are valid W3C ids", async () => {
  const before = Math.floor(Date.now() / 1000);
  const { root } = await traced(() => 1, { ids: xrayIds });
  expect(root.traceId).toMatch(/^[0-9a-f]{32}$/);
  const seconds = Number.parseInt(root.traceId.slice(0, 8), 16);
  expect(seconds).toBeGreaterThanOrEqual(before);
  expect(seconds).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
});
