/**
 * The environment variables that Lambda gives to a function.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */

/** What the variables say about the function. */
export interface FunctionIdentity {
  readonly functionName: string;
  readonly handler: string;
  readonly memoryMb: number;
  /** How many invocations run at once, on Managed Instances. */
  readonly maxConcurrency?: number | undefined;
  /** Version of the Node that runs the function, such as `24.1.0`. */
  readonly nodeVersion: string;
  readonly region: string;
  readonly runtimeDir: string;
  readonly taskRoot: string;
}

/**
 * The environment of a new sandbox. Of this process's own only `PATH` is passed on; `own` comes
 * last, and a value of `undefined` there removes a variable.
 */
export function sandboxEnvironment(
  identity: FunctionIdentity,
  runtimeApi: string,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const { functionName, region, maxConcurrency } = identity;
  return {
    PATH: process.env["PATH"],
    TZ: ":UTC",
    LANG: "en_US.UTF-8",
    _HANDLER: identity.handler,
    LAMBDA_TASK_ROOT: identity.taskRoot,
    LAMBDA_RUNTIME_DIR: identity.runtimeDir,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${identity.nodeVersion.split(".")[0]}.x`,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(identity.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    ...(maxConcurrency !== undefined && {
      AWS_LAMBDA_INITIALIZATION_TYPE: "lambda-managed-instances",
      AWS_LAMBDA_MAX_CONCURRENCY: String(maxConcurrency),
    }),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName(new Date()),
    // The name by which code already asks whether it runs in a local emulator.
    AWS_SAM_LOCAL: "true",
    ...own,
  };
}

/** One log stream for each sandbox, so that its name tells sandboxes apart. */
function logStreamName(now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[$LATEST]${crypto.randomUUID().replaceAll("-", "")}`;
}
