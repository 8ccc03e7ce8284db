/** The one suite that every platform must pass unchanged. */
import type { Platform } from "./platform.ts";
import { keepsAnswers } from "./promises/answers.ts";
import { survivesBackends } from "./promises/backends.ts";
import { readsConfiguration } from "./promises/configuration.ts";
import { recordsErrors } from "./promises/errors.ts";
import { refusesBadContext } from "./promises/hostile-context.ts";
import { keepsRequestsApart } from "./promises/isolation.ts";
import { propagates } from "./promises/propagation.ts";
import { recordsSpans } from "./promises/spans.ts";
import { setStage } from "./stage.ts";

export function promises(platform: Platform): void {
  const stage = setStage(platform);
  keepsAnswers(stage);
  recordsSpans(stage);
  recordsErrors(stage);
  propagates(stage);
  refusesBadContext(stage);
  keepsRequestsApart(stage);
  readsConfiguration(stage);
  survivesBackends(stage);
}
