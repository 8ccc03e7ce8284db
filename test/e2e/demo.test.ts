/** What `npm run demo` prints. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ORDER = `
an order through a queue: POST /orders → 202 {"item":"book","price":20,"customer":"Ada"}
trace …
└─ POST /orders · SERVER · shop · … ms · 202
   ├─ get SESSIONS · CLIENT · shop · … ms
   ├─ first SHOP · CLIENT · shop · … ms
   └─ send ORDERS · PRODUCER · shop · … ms
      └─ process orders · CONSUMER · shop · … ms
         └─ process orders · CONSUMER · shop · … ms
            └─ INVENTORY/reserve · CLIENT · shop · … ms
               └─ Inventory/reserve · SERVER · shop · … ms
                  ├─ exec storage · CLIENT · shop · … ms
                  └─ PUT · CLIENT · shop · … ms · 201
                     └─ PUT · SERVER · shop · … ms · 201
   process orders, a batch of 1: child of send ORDERS, linked to send ORDERS
   process orders, a message: child of process orders, linked to send ORDERS
`;

const COLD_START = `
a success: GET /orders/42 → 200 {"total":42}
trace …
└─ GET /orders/:id · SERVER · shop · … ms · 200 · cold start
   ├─ GET · CLIENT · shop · … ms · 200
   │  └─ GET · SERVER · orders · … ms · 200 · cold start
   │     └─ orders.load · INTERNAL · orders · … ms
   └─ cart.total · INTERNAL · shop · … ms
`;

test("the demo ends by itself and prints each request's traces", async () => {
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: "" };
  const { stdout } = await promisify(execFile)(process.execPath, ["handlers/demo.ts"], { env });
  const printed = stdout
    .replaceAll(/trace [0-9a-f]{32}/g, "trace …")
    .replaceAll(/[\d.]+ ms/g, "… ms");
  expect(printed).toContain(COLD_START);
  expect(printed).toContain(ORDER);
  expect(printed).toContain(
    "process orders, a batch of 2: a trace of its own, linked to send ORDERS, send ORDERS",
  );
  expect(printed).toContain("GET /checkout · SERVER · shop · … ms · 500 · ERROR the cart is empty");
  expect(printed).toContain("ERROR the database has no such shard");
  expect(printed).toContain("\n0 exports\n");
});
