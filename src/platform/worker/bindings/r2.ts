/** R2 buckets and their multipart uploads: a span for each call, with its key; bodies stay unread. */
import { quietly } from "../../../trace/quietly.js";
import { type Method, type Replacement, replaceMethods } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { nameBinding, nameOf, traced } from "./traced.js";

const call = (
  operation: string,
  keyOf: (target: object, key: unknown) => string | undefined,
): Replacement =>
  traced(({ binding, target, args: [first] }) => ({
    name: `${operation} ${binding ?? "r2"}`,
    attributes: {
      ...bindingAttributes(binding, "R2"),
      "cloudflare.r2.operation": operation,
      "cloudflare.r2.request.key": keyOf(target, first),
    },
    onResult(span, result) {
      if (operation === "createMultipartUpload") nameUpload(result, binding);
      const { size } = (result ?? {}) as { size?: number };
      if (typeof size === "number") span.setAttribute("cloudflare.r2.response.size", size);
    },
  }));

const given = (_bucket: object, key: unknown): string | undefined =>
  typeof key === "string" ? key : undefined;
const own = (upload: object): string | undefined => (upload as { key?: string }).key;

const UPLOAD: Readonly<Record<string, Replacement>> = {
  uploadPart: call("uploadPart", own),
  complete: call("complete", own),
  abort: call("abort", own),
};

/** The class of uploads is met with the first one. */
function nameUpload(upload: unknown, binding: string | undefined): void {
  if (typeof upload !== "object" || !upload) return;
  nameBinding(upload, binding);
  replaceMethods(upload, UPLOAD);
}

export const R2: Readonly<Record<string, Replacement>> = {
  head: call("head", given),
  get: call("get", given),
  put: call("put", given),
  delete: call("delete", given),
  list: call("list", () => undefined),
  createMultipartUpload: call("createMultipartUpload", given),
  resumeMultipartUpload: (original: Method) =>
    function (...args) {
      const upload = Reflect.apply(original, this, args);
      quietly(() => nameUpload(upload, nameOf(this as object)));
      return upload;
    },
};
