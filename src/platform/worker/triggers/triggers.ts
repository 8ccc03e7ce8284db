/** The handlers that the platform invokes, each with its trigger. */
import { emailTrigger } from "./email.js";
import { fetchTrigger } from "./fetch.js";
import { queueTrigger } from "./queue.js";
import { scheduledTrigger } from "./scheduled.js";
import { tailTrigger } from "./tail.js";
import type { WorkerTrigger } from "./worker-trigger.js";

/** By the name of the handler; the event is its first argument. */
export const TRIGGERS: Readonly<Record<string, WorkerTrigger<never>>> = {
  fetch: fetchTrigger,
  scheduled: scheduledTrigger,
  queue: queueTrigger,
  email: emailTrigger,
  tail: tailTrigger,
};
