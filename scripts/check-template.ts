/**
 * Checks `template.yaml` by AWS's own tools: that it is valid, and that the function is built of
 * it and answers. They are installed where Python is; where that cannot be, this says so and ends
 * well, since nothing of the package depends on it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const SAM = "aws-sam-cli==1.170.0";
const ROOT = new URL("../", import.meta.url);
const TOOLS = fileURLToPath(new URL(".cache/sam/", ROOT));
const BUILT = fileURLToPath(new URL(".cache/sam-build/", ROOT));

if (install()) {
  sam("validate", "--lint");
  sam("build", "--build-dir", BUILT);
  const path = pathToFileURL(`${BUILT}/OrdersFunction/lambda.mjs`).href;
  const { handler } = (await import(path)) as {
    handler: (event: object, context: object) => unknown;
  };
  process.env.OTEL_SDK_DISABLED = "true";
  const answer = await handler(
    { rawPath: "/orders/42" },
    { getRemainingTimeInMillis: () => 1_000 },
  );
  if ((answer as { statusCode?: number }).statusCode !== 200)
    throw new Error(`the function that was built answers ${JSON.stringify(answer)}`);
  console.log("The function that was built answers.");
}

function install(): boolean {
  if (existsSync(`${TOOLS}bin/sam`)) return true;
  mkdirSync(TOOLS, { recursive: true });
  const isInstalled =
    run("python3", ["-m", "venv", TOOLS]) && run(`${TOOLS}bin/pip`, ["install", "--quiet", SAM]);
  if (!isInstalled)
    console.log(`${SAM} could not be installed, so that the template is not checked.`);
  return isInstalled;
}

function sam(...args: string[]): void {
  if (!run(`${TOOLS}bin/sam`, args)) throw new Error(`sam ${args.join(" ")} failed`);
}

function run(command: string, args: readonly string[]): boolean {
  const env = {
    ...process.env,
    AWS_DEFAULT_REGION: "eu-west-1",
    SAM_CLI_TELEMETRY: "0",
    PATH: `${fileURLToPath(new URL("node_modules/.bin", ROOT))}:${process.env.PATH}`,
  };
  return spawnSync(command, args, { cwd: ROOT, env, stdio: "inherit" }).status === 0;
}
