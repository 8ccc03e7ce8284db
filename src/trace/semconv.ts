/**
 * Attribute names of the OpenTelemetry semantic conventions 1.45, written once.
 * They are constants of ours because importing the conventions package has cost
 * rivals up to 258 KB and broken builds when a name was dropped.
 * @see https://opentelemetry.io/docs/specs/semconv/
 */
export const SERVICE_NAME = "service.name";
export const SERVICE_NAMESPACE = "service.namespace";
export const SERVICE_VERSION = "service.version";

export const TELEMETRY_SDK_LANGUAGE = "telemetry.sdk.language";
export const TELEMETRY_SDK_NAME = "telemetry.sdk.name";
export const TELEMETRY_SDK_VERSION = "telemetry.sdk.version";

export const CLOUD_ACCOUNT_ID = "cloud.account.id";
export const CLOUD_PLATFORM = "cloud.platform";
export const CLOUD_PROVIDER = "cloud.provider";
export const CLOUD_REGION = "cloud.region";
export const CLOUD_RESOURCE_ID = "cloud.resource_id";
export const CLOUDFLARE_BINDING_NAME = "cloudflare.binding.name";
export const CLOUDFLARE_BINDING_TYPE = "cloudflare.binding.type";
export const CLOUDFLARE_COLO = "cloudflare.colo";
export const CLOUDFLARE_ENTRYPOINT = "cloudflare.entrypoint";
export const CLOUDFLARE_RAY_ID = "cloudflare.ray_id";
export const CLOUDFLARE_SCRIPT_VERSION_ID = "cloudflare.script_version.id";

export const FAAS_COLDSTART = "faas.coldstart";
export const FAAS_CRON = "faas.cron";
export const FAAS_INSTANCE = "faas.instance";
export const FAAS_INVOCATION_ID = "faas.invocation.id";
export const FAAS_INVOCATION_START_TIME = "faas.invocation.start_time";
export const FAAS_MAX_MEMORY = "faas.max_memory";
export const FAAS_NAME = "faas.name";
export const FAAS_TRIGGER = "faas.trigger";
export const FAAS_VERSION = "faas.version";
export const AWS_LAMBDA_INVOKED_ARN = "aws.lambda.invoked_arn";
export const AWS_REQUEST_ID = "aws.request_id";
export const AWS_LOG_GROUP_NAMES = "aws.log.group.names";

export const HTTP_REQUEST_METHOD = "http.request.method";
export const HTTP_REQUEST_METHOD_ORIGINAL = "http.request.method_original";
export const HTTP_REQUEST_RESEND_COUNT = "http.request.resend_count";
export const HTTP_RESPONSE_STATUS_CODE = "http.response.status_code";
export const HTTP_ROUTE = "http.route";
export const NETWORK_PROTOCOL_NAME = "network.protocol.name";
export const NETWORK_PROTOCOL_VERSION = "network.protocol.version";
export const SERVER_ADDRESS = "server.address";
export const SERVER_PORT = "server.port";
export const URL_FULL = "url.full";
export const URL_PATH = "url.path";
export const URL_QUERY = "url.query";
export const URL_SCHEME = "url.scheme";
export const USER_AGENT_ORIGINAL = "user_agent.original";

export const DB_COLLECTION_NAME = "db.collection.name";
export const DB_OPERATION_BATCH_SIZE = "db.operation.batch.size";
export const DB_OPERATION_NAME = "db.operation.name";
export const DB_QUERY_SUMMARY = "db.query.summary";
export const DB_QUERY_TEXT = "db.query.text";
export const DB_RESPONSE_STATUS_CODE = "db.response.status_code";
export const DB_RESPONSE_RETURNED_ROWS = "db.response.returned_rows";
export const DB_SYSTEM_NAME = "db.system.name";

export const GEN_AI_OPERATION_NAME = "gen_ai.operation.name";
export const GEN_AI_PROVIDER_NAME = "gen_ai.provider.name";
export const GEN_AI_REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens";
export const GEN_AI_REQUEST_MODEL = "gen_ai.request.model";
export const GEN_AI_REQUEST_TEMPERATURE = "gen_ai.request.temperature";
export const GEN_AI_USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens";
export const GEN_AI_USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens";

export const MESSAGING_BATCH_MESSAGE_COUNT = "messaging.batch.message_count";
export const MESSAGING_DESTINATION_NAME = "messaging.destination.name";
export const MESSAGING_MESSAGE_BODY_SIZE = "messaging.message.body.size";
export const MESSAGING_MESSAGE_ID = "messaging.message.id";
export const MESSAGING_OPERATION_NAME = "messaging.operation.name";
export const MESSAGING_OPERATION_TYPE = "messaging.operation.type";
export const MESSAGING_SYSTEM_NAME = "messaging.system.name";

export const RPC_METHOD = "rpc.method";
export const RPC_SYSTEM_NAME = "rpc.system.name";

export const ERROR_TYPE = "error.type";

/** Ours: true on a span that had not ended when its invocation had to be exported. */
export const TRUNCATED = "edgespan.truncated";
