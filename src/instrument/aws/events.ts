/** Services that hand on a payload and nothing else: it carries context only where that is asked for. */
import {
  type AwsService,
  type Fields,
  type Shape,
  bytesIn,
  lastPart,
  shapes,
  withMembers,
} from "./service.js";

/** The most that the entries of EventBridge may hold together, and the input of an execution. */
const MAX_BYTES = 262_144;

/** What EventBridge counts of an entry. */
function sizeOf({ Time, Resources, Source, DetailType, Detail }: Shape): number {
  const texts = [Source, DetailType, Detail].concat(Resources ?? []);
  return texts.reduce((sum: number, text) => sum + bytesIn(text), Time ? 14 : 0);
}

function withDetail(entry: Shape, fields: Fields): Shape {
  const Detail = withMembers(entry.Detail, fields);
  return Detail === undefined ? entry : { ...entry, Detail };
}

export const EVENT_BRIDGE: AwsService = {
  carry({ operation, input, payloads }, fields) {
    if (!payloads || operation !== "PutEvents") return undefined;
    const Entries = shapes(input.Entries).map((entry) => withDetail(entry, fields));
    const size = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
    return size < MAX_BYTES ? { ...input, Entries } : undefined;
  },
};

/** The most that a record may hold. */
const MAX_RECORD_BYTES = 1_048_576;

/** What is no JSON object is left as it is, and so is what would outgrow a record. */
function withData(record: Shape, fields: Fields): Shape {
  const { Data } = record;
  if (!(Data instanceof Uint8Array)) return record;
  const text = withMembers(new TextDecoder().decode(Data), fields);
  const bytes = text === undefined ? undefined : new TextEncoder().encode(text);
  return bytes && bytes.length <= MAX_RECORD_BYTES ? { ...record, Data: bytes } : record;
}

export const KINESIS: AwsService = {
  span({ input }) {
    const { StreamName, StreamARN } = input;
    return {
      attributes: { "aws.kinesis.stream_name": lastPart(StreamName ?? StreamARN) },
    };
  },
  carry({ operation, input, payloads }, fields) {
    if (!payloads) return undefined;
    if (operation === "PutRecord") return withData(input, fields);
    if (operation !== "PutRecords") return undefined;
    const Records = shapes(input.Records).map((record) => withData(record, fields));
    return { ...input, Records };
  },
};

export const STEP_FUNCTIONS: AwsService = {
  span({ input }) {
    return {
      attributes: {
        "aws.step_functions.state_machine.arn": input.stateMachineArn,
        "aws.step_functions.activity.arn": input.activityArn,
      },
    };
  },
  carry({ operation, input, payloads }, fields) {
    if (!payloads || !/^Start(Sync)?Execution$/.test(operation)) return undefined;
    // An execution without an input is given an empty object.
    const text = withMembers(input.input ?? "{}", fields);
    const fits = text !== undefined && bytesIn(text) <= MAX_BYTES;
    return fits ? { ...input, input: text } : undefined;
  },
};
