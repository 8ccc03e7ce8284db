/** Traces as trees. */
import type { CollectedSpan } from "./otlp-json.js";

/** A span and what happened beneath it, in order of start. */
export interface TraceNode extends CollectedSpan {
  children: TraceNode[];
}

/** All spans of one trace; more than one root where a parent was never received. */
export interface TraceTree {
  traceId: string;
  roots: TraceNode[];
  /** The first span of that name anywhere in the trace; throws where there is none. */
  find(name: string): TraceNode;
}

/** Arranges spans as trees, one for each trace, in order of first arrival. */
export function treesOf(spans: readonly CollectedSpan[]): TraceTree[] {
  const byTrace = Map.groupBy(spans, (span) => span.traceId);
  return [...byTrace].map(([traceId, members]) => treeOf(traceId, members));
}

function treeOf(traceId: string, spans: readonly CollectedSpan[]): TraceTree {
  const nodes = spans.map((span): TraceNode => ({ ...span, children: [] }));
  nodes.sort((a, b) => a.startMs - b.startMs);
  const byId = new Map(nodes.map((node) => [node.spanId, node]));
  const roots: TraceNode[] = [];
  for (const node of nodes) {
    const parent = node.parentSpanId ? byId.get(node.parentSpanId) : undefined;
    (parent?.children ?? roots).push(node);
  }
  return {
    traceId,
    roots,
    find(name) {
      const found = nodes.find((node) => node.name === name);
      if (found) return found;
      throw new Error(`no span "${name}" in [${nodes.map((node) => node.name).join(", ")}]`);
    },
  };
}
