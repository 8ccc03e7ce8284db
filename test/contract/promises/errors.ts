/** What fails is told, and the caller never notices the difference. */
import { expect, it } from "vitest";
import { rootOf, type Stage } from "../stage.ts";

const stack: string = expect.any(String);

const thrownError = {
  events: [
    {
      name: "exception",
      attributes: {
        "exception.type": "TypeError",
        "exception.message": "the cart is empty",
        "exception.stacktrace": stack,
      },
    },
  ],
  status: { code: "ERROR", message: "the cart is empty" },
};

const thrownText = {
  events: [{ name: "exception", attributes: { "exception.message": "just text" } }],
  status: { code: "ERROR", message: "just text" },
};

export function recordsErrors(stage: Stage): void {
  it.each(["/throws", "/sync/throws"])("records what a handler throws: %s", async (path) => {
    const root = rootOf(await stage.traced.trace(path, 1));
    expect(root).toMatchObject({ name: stage.platform.rootName(path), ...thrownError });
    expect(root.attributes["error.type"]).toBe("TypeError");
    const status = stage.platform.answersErrors ? 500 : undefined;
    expect(root.attributes["http.response.status_code"]).toBe(status);
  });

  it.each(["/throws-text", "/sync/throws-text"])("records a throw of text: %s", async (path) => {
    const root = rootOf(await stage.traced.trace(path, 1));
    expect(root).toMatchObject(thrownText);
    expect(root.attributes["error.type"]).toBe("string");
  });

  it("records a throw of a plain object", async () => {
    const root = rootOf(await stage.traced.trace("/throws-object", 1));
    expect(root.status.code).toBe("ERROR");
    expect(root.events.map(({ name }) => name)).toEqual(["exception"]);
    expect(root.attributes["error.type"]).toBe("object");
  });

  it("records an answer of 503 as an error without an exception", async () => {
    const root = rootOf(await stage.traced.trace("/unavailable", 1));
    expect(root).toMatchObject({ events: [], status: { code: "ERROR" } });
    expect(root.attributes).toMatchObject({
      "error.type": "503",
      "http.response.status_code": 503,
    });
  });

  it("records an answer of 404 as no error", async () => {
    const root = rootOf(await stage.traced.trace("/nowhere", 1));
    expect(root.status.code).toBe("UNSET");
    expect(root.attributes).toHaveProperty("http.response.status_code", 404);
    expect(root.attributes).not.toHaveProperty("error.type");
  });

  it("records an error on the span that failed and not on the one that recovered", async () => {
    const trace = await stage.traced.trace("/recovers", 2);
    expect(rootOf(trace)).toMatchObject({ events: [], status: { code: "UNSET" } });
    expect(trace.find("fails")).toMatchObject({
      attributes: { "error.type": "RangeError" },
      events: [{ name: "exception", attributes: { "exception.message": "out of stock" } }],
      status: { code: "ERROR", message: "out of stock" },
    });
  });
}
