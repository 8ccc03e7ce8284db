/** The resource of a Lambda function, from the variables that Lambda sets. */
import type { Attributes } from "@opentelemetry/api";
import { sdkResource } from "../../trace/resource.js";
import { SERVICE_NAME } from "../../trace/semconv.js";

const BYTES_PER_MB = 1024 * 1024;

/**
 * The service is named after the function unless configuration names it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function lambdaResource(env: Record<string, string | undefined>): Attributes {
  const name = env.AWS_LAMBDA_FUNCTION_NAME;
  const logGroup = env.AWS_LAMBDA_LOG_GROUP_NAME;
  const memoryMb = Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  return {
    ...sdkResource("nodejs"),
    ...(name && { [SERVICE_NAME]: name }),
    "faas.name": name,
    "faas.version": env.AWS_LAMBDA_FUNCTION_VERSION,
    "faas.instance": env.AWS_LAMBDA_LOG_STREAM_NAME,
    "faas.max_memory": memoryMb ? memoryMb * BYTES_PER_MB : undefined,
    "cloud.provider": "aws",
    "cloud.platform": "aws_lambda",
    "cloud.region": env.AWS_REGION,
    "aws.log.group.names": logGroup ? [logGroup] : undefined,
  };
}
