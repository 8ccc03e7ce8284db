/** DynamoDB: tables and how they are read, never a key or an item. */
import type { Attributes } from "@opentelemetry/api";
import {
  DB_COLLECTION_NAME,
  DB_OPERATION_BATCH_SIZE,
  DB_OPERATION_NAME,
  DB_SYSTEM_NAME,
} from "../../trace/semconv.js";
import { type AwsService, type Shape, shapes } from "./service.js";

/** Which members of the input and of the output are told, and how the conventions name them. */
const INPUT: Readonly<Record<string, string>> = {
  ConsistentRead: "consistent_read",
  IndexName: "index_name",
  Limit: "limit",
  ProjectionExpression: "projection",
  ScanIndexForward: "scan_forward",
  Segment: "segment",
  Select: "select",
  TotalSegments: "total_segments",
};
const OUTPUT: Readonly<Record<string, string>> = { Count: "count", ScannedCount: "scanned_count" };

function told(source: Shape, names: Readonly<Record<string, string>>): Attributes {
  const attributes: Attributes = {};
  for (const name in names) attributes[`aws.dynamodb.${names[name]}`] = source[name];
  return attributes;
}

/** The tables of a call; those of a batch are the names of what it asks for. */
function tablesOf({ TableName, RequestItems, TransactItems }: Shape): string[] {
  if (typeof TableName === "string") return [TableName];
  const batch = Object.keys(RequestItems ?? {});
  const transaction = shapes(TransactItems).flatMap((item) =>
    Object.values(item).map((action) => (action as { TableName?: string }).TableName),
  );
  return [...new Set([...batch, ...transaction])].filter((name) => name !== undefined);
}

function batchSizeOf({ RequestItems, TransactItems }: Shape): number | undefined {
  if (Array.isArray(TransactItems)) return TransactItems.length;
  if (!RequestItems) return undefined;
  const sizes = Object.values(RequestItems).map((one: unknown) => {
    const { Keys = one } = one as { Keys?: unknown };
    return Array.isArray(Keys) ? Keys.length : 0;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** @see https://opentelemetry.io/docs/specs/semconv/database/dynamodb/ */
export const DYNAMODB: AwsService = {
  span({ operation, input }) {
    const tables = tablesOf(input);
    return {
      attributes: {
        [DB_SYSTEM_NAME]: "aws.dynamodb",
        [DB_OPERATION_NAME]: operation,
        [DB_COLLECTION_NAME]: tables.length === 1 ? tables[0] : undefined,
        [DB_OPERATION_BATCH_SIZE]: batchSizeOf(input),
        "aws.dynamodb.table_names": tables.length > 0 ? tables : undefined,
        ...told(input, INPUT),
      },
    };
  },
  result(_call, output) {
    const { ConsumedCapacity } = output;
    const capacity = [ConsumedCapacity].flat().filter((one) => one !== undefined);
    return {
      ...told(output, OUTPUT),
      "aws.dynamodb.consumed_capacity":
        capacity.length > 0 ? capacity.map((one) => JSON.stringify(one)) : undefined,
    };
  },
};
