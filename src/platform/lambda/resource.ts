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
  const memoryMb = Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  return {
    ...sdkResource("nodejs"),
    [CLOUD_PROVIDER]: "aws",
    [CLOUD_PLATFORM]: "aws_lambda",
    ...(name && { [SERVICE_NAME]: name, [FAAS_NAME]: name }),
    ...(memoryMb && { [FAAS_MAX_MEMORY]: memoryMb * BYTES_PER_MB }),
    ...present(CLOUD_REGION, env.AWS_REGION),
    ...present(FAAS_VERSION, env.AWS_LAMBDA_FUNCTION_VERSION),
    ...present(FAAS_INSTANCE, env.AWS_LAMBDA_LOG_STREAM_NAME),
    ...(env.AWS_LAMBDA_LOG_GROUP_NAME && {
      [AWS_LOG_GROUP_NAMES]: [env.AWS_LAMBDA_LOG_GROUP_NAME],
    }),
  };
}

function present(name: string, value: string | undefined): Attributes {
  return value ? { [name]: value } : {};
}
