export { type AwsCredentials, type AwsSignedOptions, awsSigned } from "./send/aws-signed.js";
export { xrayIds } from "./trace/xray-ids.js";
