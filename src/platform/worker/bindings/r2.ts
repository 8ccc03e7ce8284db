/** R2 buckets and their multipart uploads: a span for each call, with its key and what the object is. */
import type { Attributes, Span } from "@opentelemetry/api";
import { quietly } from "../../../trace/quietly.js";
import { type Replacement, replaceMethods } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { type Told, keysOf, sizeOf, tell } from "./tell.js";
import { nameBinding, nameOf, traced } from "./traced.js";

const REQUEST = "cloudflare.r2.request.";
const OPTIONS: Told = {
  prefix: REQUEST,
  values: ["prefix", "limit", "delimiter", "startAfter", "storageClass"],
  presence: ["ssecKey", "customMetadata", "cursor"],
};
const RANGE: Told = { prefix: `${REQUEST}range.`, values: ["offset", "length", "suffix"] };
const UPLOAD: Told = { prefix: REQUEST, values: ["key", "uploadId", "partNumber"] };
/** Of an object, a list, a new upload and a part: they share no name that means two things. */
const RESULT: Told = {
  prefix: "cloudflare.r2.response.",
  values: ["etag", "size", "storageClass", "uploadId", "truncated"],
  presence: ["cursor"],
};

/**
 * @param tellArgs tells the arguments before the options
 * @param optionsAt which argument are the options
 * @see https://developers.cloudflare.com/workers/observability/traces/spans-and-attributes/#r2
 */
const call = (
  method: string,
  operation: string,
  optionsAt: number,
  tellArgs: (attributes: Attributes, args: readonly unknown[]) => void,
): Replacement =>
  traced(({ target, binding, args }) => {
    const attributes = bindingAttributes(binding, "r2");
    attributes["cloudflare.r2.operation"] = operation;
    tell(attributes, target, UPLOAD);
    tellArgs(attributes, args);
    // Only what is written has its options third.
    if (optionsAt > 1) attributes[`${REQUEST}size`] = sizeOf(args[1]);
    tellOptions(attributes, args[optionsAt]);
    return {
      name: `${method} ${binding ?? "r2"}`,
      attributes,
      onResult(span, result) {
        if (operation === "CreateMultipartUpload") followUpload(binding, result as object);
        tellResult(span, operation, result);
      },
    };
  });

function tellOptions(attributes: Attributes, options: unknown): void {
  tell(attributes, options, OPTIONS);
  const { range } = (options ?? {}) as { range?: unknown };
  tell(attributes, range, RANGE);
  if (range instanceof Headers) attributes[`${REQUEST}range`] = range.get("range") ?? undefined;
}

function tellResult(span: Span, operation: string, result: unknown): void {
  const { objects, delimitedPrefixes } = (result ?? {}) as Partial<Record<string, unknown[]>>;
  const attributes: Attributes = {
    // An object without a body failed the call's condition. The body is not read.
    "cloudflare.r2.response.success":
      result !== null && (operation !== "GetObject" || "body" in (result as object)),
    "cloudflare.r2.response.returned_objects": objects?.length,
    "cloudflare.r2.response.delimited_prefixes": delimitedPrefixes?.length,
  };
  tell(attributes, result, RESULT);
  span.setAttributes(attributes);
}

/** The class of uploads is met with the first of them. */
function followUpload(binding: string | undefined, upload: object): void {
  if (binding) nameBinding(upload, binding);
  replaceMethods(upload, R2_UPLOAD);
}

function tellKey(attributes: Attributes, [key]: readonly unknown[]): void {
  attributes[`${REQUEST}key`] = keysOf(key);
}

export const R2_BUCKET: Readonly<Record<string, Replacement>> = {
  head: call("head", "HeadObject", 1, tellKey),
  get: call("get", "GetObject", 1, tellKey),
  put: call("put", "PutObject", 2, tellKey),
  delete: call("delete", "DeleteObject", 1, (attributes, [keys]) => {
    attributes[`${REQUEST}keys`] = keysOf(keys);
  }),
  list: call("list", "ListObjects", 0, () => {}),
  createMultipartUpload: call("createMultipartUpload", "CreateMultipartUpload", 1, tellKey),
  // No span: it answers at once and sends nothing.
  resumeMultipartUpload: (original) =>
    function (...args) {
      const upload = Reflect.apply(original, this, args) as object;
      quietly(() => followUpload(nameOf(this as object), upload));
      return upload;
    },
};

const R2_UPLOAD: Readonly<Record<string, Replacement>> = {
  uploadPart: call("uploadPart", "UploadPart", 2, (attributes, [partNumber]) =>
    tell(attributes, { partNumber }, UPLOAD),
  ),
  complete: call("complete", "CompleteMultipartUpload", 1, (attributes, [parts]) => {
    const numbers = (parts as { partNumber: number }[]).map(({ partNumber }) => partNumber);
    attributes[`${REQUEST}uploaded_parts`] = keysOf(numbers);
  }),
  abort: call("abort", "AbortMultipartUpload", 0, () => {}),
};
