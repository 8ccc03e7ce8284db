export {
  type AwsClient,
  type AwsClientOptions,
  instrumentAwsClient,
} from "./instrument/aws/client.js";
