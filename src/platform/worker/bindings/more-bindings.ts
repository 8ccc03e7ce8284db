/**
 * The bindings that few Workers have, behind an import of their own. Dispatch namespaces and
 * Browser Rendering are not among them: what they answer is a Fetcher, whose calls are traced.
 */
import type { BindingClasses } from "../../../config/instrument-options.js";
import { AI } from "./ai.js";
import { ANALYTICS_ENGINE } from "./analytics-engine.js";
import { HYPERDRIVE } from "./hyperdrive.js";
import { IMAGES } from "./images.js";
import { RATE_LIMIT } from "./rate-limit.js";
import { SECRETS_STORE } from "./secrets-store.js";
import { SEND_EMAIL } from "./send-email.js";
import { VECTORIZE } from "./vectorize.js";
import { WORKFLOW } from "./workflow.js";

/**
 * Workflows, Workers AI, Vectorize, Analytics Engine, Images, rate limiting, Hyperdrive, Secrets Store and
 * email as spans: `instrument: { bindings: [moreBindings] }`.
 */
export const moreBindings: BindingClasses = {
  Ai: AI,
  VectorizeIndexImpl: VECTORIZE,
  ImagesBindingImpl: IMAGES,
  WorkflowImpl: WORKFLOW,
  Ratelimit: RATE_LIMIT,
  Hyperdrive: HYPERDRIVE,
  LocalAnalyticsEngineDataset: ANALYTICS_ENGINE,
  // Guesses: locally these are other classes, or stubs of RPC, which cannot be instrumented.
  AnalyticsEngine: ANALYTICS_ENGINE,
  AnalyticsEngineDataset: ANALYTICS_ENGINE,
  SecretsStoreSecret: SECRETS_STORE,
  SendEmail: SEND_EMAIL,
};
