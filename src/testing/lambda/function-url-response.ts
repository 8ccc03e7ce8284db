import type { LoopbackResponse } from "./loopback.js";
import type { LambdaOutcome } from "./outcome.js";

/**
 * What an invocation's outcome becomes on the wire of a Function URL.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
 */

const JSON_TYPE = "application/json";

/** Whatever keeps the function from answering, and any malformed answer, is the same 502. */
const BAD_GATEWAY: LoopbackResponse = {
  status: 502,
  headers: { "content-type": JSON_TYPE },
  body: "Internal Server Error",
};

/** Turns an outcome into a response. */
export function toHttpResponse(outcome: LambdaOutcome): LoopbackResponse {
  if (outcome.status !== "success") return BAD_GATEWAY;
  const { payload } = outcome;
  if (!isRecord(payload) || payload["statusCode"] === undefined) return inferred(payload);
  const { statusCode, body = "", isBase64Encoded } = payload;
  const isStatus = Number.isInteger(statusCode) && Number(statusCode) >= 100;
  if (!isStatus || Number(statusCode) > 599 || typeof body !== "string") return BAD_GATEWAY;
  return {
    status: Number(statusCode),
    headers: responseHeaders(payload),
    body: isBase64Encoded === true ? Buffer.from(body, "base64") : body,
  };
}

/** A result that is no response object is the body of a 200. */
function inferred(payload: unknown): LoopbackResponse {
  return { status: 200, headers: { "content-type": JSON_TYPE }, body: JSON.stringify(payload) };
}

function responseHeaders({
  headers,
  cookies,
}: Readonly<Record<string, unknown>>): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = { "content-type": JSON_TYPE };
  for (const [name, value] of Object.entries(isRecord(headers) ? headers : {})) {
    // Lengths and framing are the server's to say: the body may have been base64.
    if (/^(content-length|transfer-encoding|connection)$/i.test(name)) continue;
    result[name.toLowerCase()] = String(value);
  }
  if (Array.isArray(cookies)) result["set-cookie"] = cookies.map(String);
  return result;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
