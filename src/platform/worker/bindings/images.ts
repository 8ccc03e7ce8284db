/** Images: a span for `info()` and for the `output()` that carries a chain of transformations out. */
import { quietly } from "../../../trace/quietly.js";
import { type Replacement, replaceMethods } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { nameOf, nameBinding, traced } from "./traced.js";

const output: Replacement = traced(({ binding, args: [options] }) => ({
  name: `output ${binding ?? "images"}`,
  attributes: {
    ...bindingAttributes(binding, "Images"),
    "cloudflare.images.options.format": (options as { format?: string } | undefined)?.format,
  },
}));

const INFO = { format: "format", fileSize: "file_size", width: "width", height: "height" } as const;

const info: Replacement = traced(({ binding }) => ({
  name: `info ${binding ?? "images"}`,
  attributes: bindingAttributes(binding, "Images"),
  onResult(span, result) {
    for (const [key, name] of Object.entries(INFO))
      span.setAttribute(
        `cloudflare.images.result.${name}`,
        (result as Record<string, string>)[key],
      );
  },
}));

const TRANSFORMER: Readonly<Record<string, Replacement>> = { output };

/** A chain begins: its class is met with the first of them. */
const begin: Replacement = (original) =>
  function (...args) {
    const transformer = Reflect.apply(original, this, args) as object;
    quietly(() => {
      nameBinding(transformer, nameOf(this as object) ?? "images");
      replaceMethods(transformer, TRANSFORMER);
    });
    return transformer;
  };

export const IMAGES: Readonly<Record<string, Replacement>> = {
  info,
  input: begin,
  text: begin,
};
