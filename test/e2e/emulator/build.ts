/** AWS's own runtime interface emulator. Its releases are no versions to Go, so that a commit is named. */
import { type GoBuild, buildBeforehand, buildOnce } from "../go.ts";

const MODULE =
  "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie@v0.0.0-20261030222936-bef5c4ba774d";

const PROGRAM = {
  title: "AWS's runtime interface emulator",
  folder: "emulator",
  definition: MODULE,
  args: ["install", MODULE],
  output: "aws-lambda-rie",
};

export const buildEmulator = (): Promise<GoBuild> => buildOnce(PROGRAM);

export const setup = (): Promise<void> => buildBeforehand(PROGRAM);
