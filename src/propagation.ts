export { amqpHeaders, kafkaHeaders, messageAttributes, nodeHeaders } from "./propagate/carriers.js";
export { extract, inject } from "./propagate/carry.js";
export type { TextCarrier } from "./propagate/inject.js";
