/**
 * Attribute names of the OpenTelemetry semantic conventions 1.45 that many modules tell. A name
 * that one or two tell is written there, where a bundle keeps it for less. They are our own because
 * importing the conventions package has cost rivals up to 258 KB and broken builds when a name
 * was dropped.
 * @see https://opentelemetry.io/docs/specs/semconv/
 */
export const SERVICE_NAME = "service.name";

export const CLOUD_REGION = "cloud.region";
export const CLOUDFLARE_BINDING_NAME = "cloudflare.binding.name";
export const CLOUDFLARE_BINDING_TYPE = "cloudflare.binding.type";
export const CLOUDFLARE_COLO = "cloudflare.colo";
export const CLOUDFLARE_ENTRYPOINT = "cloudflare.entrypoint";
export const CLOUDFLARE_RAY_ID = "cloudflare.ray_id";

export const FAAS_DOCUMENT_COLLECTION = "faas.document.collection";
export const FAAS_DOCUMENT_NAME = "faas.document.name";
export const FAAS_DOCUMENT_OPERATION = "faas.document.operation";
export const FAAS_DOCUMENT_TIME = "faas.document.time";
export const FAAS_INVOCATION_START_TIME = "faas.invocation.start_time";
export const FAAS_TRIGGER = "faas.trigger";
export const AWS_REQUEST_ID = "aws.request_id";
/** Of no convention, and what other libraries call it. */
export const AWS_XRAY_TRACE_ID = "aws.xray.trace_id";

export const HTTP_REQUEST_METHOD = "http.request.method";
export const HTTP_REQUEST_RESEND_COUNT = "http.request.resend_count";
export const HTTP_RESPONSE_STATUS_CODE = "http.response.status_code";
export const HTTP_ROUTE = "http.route";
export const URL_FULL = "url.full";

export const DB_COLLECTION_NAME = "db.collection.name";
export const DB_OPERATION_BATCH_SIZE = "db.operation.batch.size";
export const DB_OPERATION_NAME = "db.operation.name";
export const DB_QUERY_SUMMARY = "db.query.summary";
export const DB_QUERY_TEXT = "db.query.text";
export const DB_RESPONSE_STATUS_CODE = "db.response.status_code";
export const DB_RESPONSE_RETURNED_ROWS = "db.response.returned_rows";
export const DB_SYSTEM_NAME = "db.system.name";

export const GRAPHQL_OPERATION_TYPE = "graphql.operation.type";

export const GEN_AI_OPERATION_NAME = "gen_ai.operation.name";
export const GEN_AI_PROVIDER_NAME = "gen_ai.provider.name";
export const GEN_AI_REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens";
export const GEN_AI_REQUEST_MODEL = "gen_ai.request.model";
export const GEN_AI_REQUEST_TEMPERATURE = "gen_ai.request.temperature";
export const GEN_AI_USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens";
export const GEN_AI_USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens";

export const MESSAGING_BATCH_MESSAGE_COUNT = "messaging.batch.message_count";
export const MESSAGING_DESTINATION_NAME = "messaging.destination.name";
export const MESSAGING_DESTINATION_PARTITION_ID = "messaging.destination.partition.id";
export const MESSAGING_KAFKA_OFFSET = "messaging.kafka.offset";
export const MESSAGING_MESSAGE_ID = "messaging.message.id";
export const MESSAGING_OPERATION_NAME = "messaging.operation.name";
export const MESSAGING_OPERATION_TYPE = "messaging.operation.type";
export const MESSAGING_SYSTEM_NAME = "messaging.system.name";

export const RPC_METHOD = "rpc.method";
export const RPC_SYSTEM_NAME = "rpc.system.name";

export const ERROR_TYPE = "error.type";
