/** The resource of a Lambda function, from the variables that Lambda sets. */
import type { Attributes } from "@opentelemetry/api";
import { sdkResource } from "../../trace/resource.js";
import {
  AWS_LOG_GROUP_NAMES,
  CLOUD_PLATFORM,
  CLOUD_PROVIDER,
  CLOUD_REGION,
  FAAS_INSTANCE,
  FAAS_MAX_MEMORY,
  FAAS_NAME,
  FAAS_VERSION,
  SERVICE_NAME,
} from "../../trace/semconv.js";

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
    [FAAS_NAME]: name,
    [FAAS_VERSION]: env.AWS_LAMBDA_FUNCTION_VERSION,
    [FAAS_INSTANCE]: env.AWS_LAMBDA_LOG_STREAM_NAME,
    [FAAS_MAX_MEMORY]: memoryMb ? memoryMb * BYTES_PER_MB : undefined,
    [CLOUD_PROVIDER]: "aws",
    [CLOUD_PLATFORM]: "aws_lambda",
    [CLOUD_REGION]: env.AWS_REGION,
    [AWS_LOG_GROUP_NAMES]: logGroup ? [logGroup] : undefined,
  };
}
