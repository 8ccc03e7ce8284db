/** S3 and the Secrets Manager: which resource a call is of. */
import type { AwsService } from "./service.js";

/** @see https://opentelemetry.io/docs/specs/semconv/object-stores/s3/ */
export const S3: AwsService = {
  span({ input }) {
    return {
      attributes: {
        "aws.s3.bucket": input.Bucket,
        "aws.s3.key": input.Key,
        "aws.s3.copy_source": input.CopySource,
        "aws.s3.part_number": input.PartNumber,
        "aws.s3.upload_id": input.UploadId,
      },
    };
  },
};

export const SECRETS_MANAGER: AwsService = {
  span({ input }) {
    const { SecretId: id } = input;
    return {
      attributes: {
        "aws.secretsmanager.secret.arn":
          typeof id === "string" && id.startsWith("arn:") ? id : undefined,
      },
    };
  },
  result(_call, { ARN }) {
    return { "aws.secretsmanager.secret.arn": ARN };
  },
};
