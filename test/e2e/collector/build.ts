/** The OpenTelemetry Collector that builder.yaml describes. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type GoBuild, type GoProgram, buildBeforehand, buildOnce } from "../go.ts";

const definition = fileURLToPath(new URL("builder.yaml", import.meta.url));

export async function buildCollector(): Promise<GoBuild> {
  return buildOnce(await program());
}

export async function setup(): Promise<void> {
  await buildBeforehand(await program());
}

async function program(): Promise<GoProgram> {
  const yaml = await readFile(definition, "utf8");
  return {
    title: "the OpenTelemetry Collector",
    folder: "collector",
    definition: yaml,
    args: ["run", builderModule(yaml), "--config", definition],
    output: "otelcol-e2e",
  };
}

function builderModule(yaml: string): string {
  const version = /^ {2}version: (\S+)$/m.exec(yaml)?.[1];
  if (version === undefined) throw new Error(`${definition} must set dist.version, e.g. 0.161.0`);
  return `go.opentelemetry.io/collector/cmd/builder@v${version}`;
}
