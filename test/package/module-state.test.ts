import { expect, it } from "vitest";
import { codeOf, modules } from "./support/source.ts";

/** The modules that own state, and why each must. Any other state belongs to an invocation. */
const OWNERS = {
  "instrument/node-http.ts": ["let isInstrumented", "const spans = new WeakMap"], // Node tells of requests once
  "instrument/fetch.ts": ["let instrumented"], // fetch is replaced once per isolate
  "platform/lambda/streaming.ts": ["const preludes = new WeakMap"], // statuses are in no property of streams
  "platform/lambda/powertools/segment.ts": ["const faces = new WeakMap"], // each span has one face
  "platform/lambda/record-outcomes.ts": ["const batches = new WeakMap"], // what results say of records
  "platform/lambda/extension.ts": ["let extension"], // a process is one, whatever handlers it has
  // Each class is instrumented once per isolate; what options add to the classes stays added.
  "platform/worker/bindings/instrument-bindings.ts": ["let seen"],
  "platform/worker/bindings/traced.ts": ["const names = new WeakMap"], // bindings know no name of theirs
  // Accepted sockets, and what stands in for listeners, which can be removed again.
  "platform/worker/bindings/web-sockets.ts": [
    "const connections = new WeakMap",
    "const standIns = new WeakMap",
  ],
  "platform/worker/queue-batch.ts": ["const batches = new WeakMap", "const messages = new WeakMap"], // what was opened and decided
  "platform/worker/triggers/workflow.ts": ["const opened = new WeakMap"], // what came in envelopes
  "platform/worker/trace-rpc.ts": ["const refused = new Set"], // which receivers continue no trace
  "trace/active.ts": ["const storage = new AsyncLocalStorage"], // the only one
  "trace/cold-start.ts": ["let cold"], // an isolate starts cold once
  "trace/register.ts": ["let registered"], // the API takes one registration
  "trace/stats.ts": ["const counters, written to"], // what stats() tells is of the whole isolate
};

/** Constants that a call makes and nothing changes. */
const CONSTANTS = {
  "platform/worker/bindings/ai.ts": ["const run = tracedUntil("],
  "platform/worker/bindings/images.ts": ["const output = traced(", "const info = traced("],
  "platform/worker/bindings/vectorize.ts": ["const VECTORIZE = calls("],
  "platform/worker/bindings/workflow.ts": ["const INSTANCE = calls(", "const WORKFLOW = calls("],
  "propagate/b3.ts": ["const b3 = bounded(", "const b3multi = bounded("],
  "propagate/xray.ts": ["const xray = bounded("],
  "sample/always.ts": ["const always = probability(", "const never = probability("],
  "testing/lambda/runtime-api.ts": ["const ACCEPTED = json("],
  "trace/ids.ts": ["const D = Array.from("],
  "trace/recording-span.ts": ["const NONE = Object.seal("],
};

it("module state has these owners and no others", () => {
  const all = findings((code, module) => [...stateOf(code), ...changedOf(code, module)]);
  expect(all).toEqual(OWNERS);
});

it("what a module makes by a call when it loads is constant", () => {
  expect(findings(calledOf)).toEqual(CONSTANTS);
});

it("no module does anything else when it loads", () => {
  // Declarations, imports and exports start a line; whatever else does is a statement.
  const declaration =
    /^(?:import|export|const|let|function|async function|class|abstract class|type|interface|[\s)}\]*/]|$)/;
  const statementsOf = (code: string): string[] =>
    code.split("\n").filter((line) => !declaration.test(line));
  expect(findings(statementsOf)).toEqual({});
});

/** The local Lambda's runtime client is no module: it is the program of a process of its own. */
const libraries = modules.filter((module) => module !== "testing/lambda/bootstrap.ts");

type Find = (code: string, module: string) => string[];

function findings(find: Find): Record<string, string[]> {
  const found = libraries.map((module) => [module, find(codeOf(module), module)] as const);
  return Object.fromEntries(found.filter(([, what]) => what.length > 0));
}

/** Variables, instances and empty containers at the top level, and static fields. */
function stateOf(code: string): string[] {
  const variables = code.matchAll(/^(?:export )?((?:let|var) \w+)/gm);
  const instances = code.matchAll(
    /^(?:export )?const (\w+)(?::[^=]*)? =\s+(new \w+|\[\]|\{\}|\w+(?=\.create\())/gm,
  );
  const statics = code.matchAll(/^ +(static (?!readonly )#?\w+) *[:=;]/gm);
  return [
    ...[...variables, ...statics].map(([, declared = ""]) => declared),
    ...[...instances].map(([, name, value]) => `const ${name} = ${value}`),
  ];
}

/** Constants made by calls, save symbols, which are values. */
function calledOf(code: string): string[] {
  const calls = code.matchAll(/^(?:export )?const (\w+)(?::[^=]*)? =\s+([\w.]+)(?:<[^;(]*>)?\(/gm);
  return [...calls]
    .filter(([, , callee]) => callee !== "Symbol.for" && callee !== "async")
    .map(([, name, callee]) => `const ${name} = ${callee}(`);
}

/** Top-level objects and arrays that the module itself, or one that imports them, writes to. */
function changedOf(code: string, module: string): string[] {
  const literals = [...code.matchAll(/^(?:export )?const (\w+)(?::[^=]*)? =\s+[{[]/gm)];
  return literals.flatMap(([, name = ""]) => {
    const writers = [code, ...libraries.filter(imports(name, module)).map(codeOf)];
    return writers.some(writesTo(name)) ? [`const ${name}, written to`] : [];
  });
}

/** Whether a module imports `name` from `owner`, whose name no other module of its folders has. */
function imports(name: string, owner: string): (module: string) => boolean {
  const file = owner.replace(/^.*\//, "").replace(/\.ts$/, ".js");
  const statement = new RegExp(`^import \\{[^}]*\\b${name}\\b[^}]*\\} from "[^"]*/${file}"`, "m");
  return (module) => statement.test(codeOf(module));
}

function writesTo(name: string): (code: string) => boolean {
  const member = String.raw`(?<![\w.])${name}(?:\.\w+|\[[^\]]*\])+`;
  const write = String.raw`${member}\s*(?:[-+*/|&?]{0,2}=(?![=>])|\+\+|--)`;
  const mutators = "push|pop|shift|unshift|splice|set|add|delete|clear";
  const mutation = String.raw`(?<![\w.])${name}(?:\.\w+)*\.(?:${mutators})\(`;
  return (code) => new RegExp(`${write}|${mutation}|delete ${member}`).test(code);
}
