/** A Worker of its own in real workerd, under wrangler. */
import { createTestHarness } from "wrangler";

type Options = NonNullable<Parameters<typeof createTestHarness>[0]>;
type Config = Exclude<Extract<Options["workers"][number], { config: unknown }>["config"], string>;

// wrangler would print every request, and every error that a fixture throws.
process.env["WRANGLER_LOG"] = "none";

/** Serves it until `resources` are disposed of. */
export async function serveWorker(config: Config, resources: AsyncDisposableStack): Promise<URL> {
  const harness = createTestHarness({
    workers: [
      {
        config: {
          compatibility_date: "2026-10-01",
          compatibility_flags: ["nodejs_compat"],
          ...config,
        },
      },
    ],
  });
  resources.defer(() => harness.close());
  return (await harness.listen()).url;
}

/** What a configuration says of Durable Objects, by their bindings. */
export function objects(
  classes: Readonly<Record<string, string>>,
): Pick<Config, "durable_objects" | "migrations"> {
  return {
    durable_objects: {
      bindings: Object.entries(classes).map(([name, class_name]) => ({ name, class_name })),
    },
    migrations: [{ tag: "v1", new_sqlite_classes: Object.values(classes) }],
  };
}
