/** What an application makes of requests and responses: clones, streams, forms, rewritten pages. */
import type { Given } from "./env.ts";
import type { Attempts } from "./shown.ts";

export function bodies({ env: { ECHO, DESK }, request }: Given): Attempts {
  const page = (): Promise<Response> => fetch(`${ECHO}/html`);
  return {
    "a response is cloned": async () => {
      const response = await fetch(`${ECHO}/text`);
      const clone = response.clone();
      return [await response.text(), await clone.text(), response.bodyUsed, clone.url];
    },
    "a response is read twice": async () => {
      const response = await fetch(`${ECHO}/text`);
      await response.text();
      return response.text();
    },
    "a response is not changed": async () => (await page()).headers.set("x-a", "1"),
    "a response is copied": async () => {
      const response = await page();
      const copy = new Response(response.body, response);
      copy.headers.append("set-cookie", "a=1");
      copy.headers.append("set-cookie", "b=2");
      return copy;
    },
    "a response is teed": async () => {
      const [one, two] = ((await page()).body as ReadableStream).tee();
      return [await new Response(one).text(), await new Response(two).text()];
    },
    "a response in a loop": async () => {
      const chunks: string[] = [];
      const decoder = new TextDecoder();
      for await (const chunk of (await page()).body as ReadableStream<Uint8Array>)
        chunks.push(decoder.decode(chunk));
      return chunks.join("");
    },
    "a loop that is left": async () => {
      const { body } = await fetch(`${ECHO}/drip`);
      for await (const chunk of body as ReadableStream<Uint8Array>) return chunk.byteLength > 0;
      return "empty";
    },
    "a response's JSON": async () => (await fetch(`${ECHO}/html`)).json(),
    "a response's class": async () => {
      const response = await page();
      return [
        response instanceof Response,
        response.constructor.name,
        Object.keys(response),
        response.type,
      ];
    },
    "HTML rewritten": async () =>
      new HTMLRewriter()
        .on("p", {
          async element(element) {
            element.setAttribute("x", await (await fetch(`${ECHO}/text`)).text());
          },
          text(chunk) {
            if (chunk.lastInTextNode) chunk.after("!");
          },
        })
        .transform(await page()),
    "HTML rewritten by one that throws": async () =>
      new HTMLRewriter()
        .on("p", {
          element() {
            throw new RangeError("of an element");
          },
        })
        .transform(await page())
        .text(),
    "a form": async () => {
      const form = new FormData();
      form.append("a", "1");
      form.append("a", "2");
      form.append("file", new File(["content"], "f.txt", { type: "text/x" }));
      const response = new Response(form);
      return (await response.formData()).getAll("a");
    },
    "a form by a binding": async () => {
      const form = new FormData();
      form.append("a", "1");
      const sent = new Request("http://desk/plain", { method: "POST", body: form });
      const told = (await (await DESK.fetch(sent)).json()) as unknown[];
      return [told[0], told[1], String(told[3]).includes('name="a"')];
    },
    "many bytes by a binding": async () => {
      const bytes = new Uint8Array(5_000_000).fill(9);
      return (await DESK.fetch("http://desk/plain", { method: "POST", body: bytes })).text();
    },
    "a compressed body": async () => {
      const { body } = await fetch(`${ECHO}/text`);
      return new Response(
        body
          ?.pipeThrough(new CompressionStream("gzip"))
          .pipeThrough(new DecompressionStream("gzip")),
      ).text();
    },
    "its own request": () => [
      request.method,
      request.constructor.name,
      Object.keys(request),
      Object.keys(request.cf ?? {}).toSorted(),
      request.signal?.aborted,
      request.bodyUsed,
      request.headers.get("x-probe"),
      [...request.headers.keys()],
      request.clone().method,
      new Request(request, { headers: { "x-b": "2" } }).headers.get("x-b"),
      Object.isFrozen(request),
    ],
    "a header of its own request": () => request.headers.set("x-a", "1"),
    "async context": async () => {
      const { AsyncLocalStorage } = await import("node:async_hooks");
      const storage = new AsyncLocalStorage<string>();
      return storage.run("kept", async () => {
        await fetch(`${ECHO}/text`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        return storage.getStore();
      });
    },
    "an unhandled order": async () => {
      const order: string[] = [];
      const one = fetch(`${ECHO}/text`).then(() => order.push("fetch"));
      queueMicrotask(() => order.push("microtask"));
      await Promise.resolve().then(() => order.push("then"));
      await one;
      return order;
    },
  };
}
