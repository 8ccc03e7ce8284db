/** Prints a trace for people. */
import type { TraceNode, TraceTree } from "./trace-tree.js";

/**
 * One line for each span, indented by depth: name, kind, service, milliseconds, HTTP
 * status, and what is remarkable (a cold start, an error).
 */
export function formatTrace(trace: TraceTree): string {
  const lines = [`trace ${trace.traceId}`];
  for (const root of trace.roots) addNode(lines, root, "", trace.roots.at(-1) === root);
  return lines.join("\n");
}

function addNode(lines: string[], node: TraceNode, indent: string, isLast: boolean): void {
  lines.push(`${indent}${isLast ? "└─" : "├─"} ${describe(node)}`);
  const deeper = indent + (isLast ? "   " : "│  ");
  for (const child of node.children) addNode(lines, child, deeper, node.children.at(-1) === child);
}

function describe({ name, kind, resource, durationMs, attributes, status }: TraceNode): string {
  const facts = [name, kind, text(resource["service.name"]), `${durationMs.toFixed(1)} ms`];
  const http = attributes["http.response.status_code"];
  if (http !== undefined) facts.push(text(http));
  if (status.code === "ERROR")
    facts.push(`ERROR ${status.message ?? text(attributes["error.type"])}`.trimEnd());
  if (attributes["faas.coldstart"] === true) facts.push("cold start");
  return facts.filter((fact) => fact !== "").join(" · ");
}

function text(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
