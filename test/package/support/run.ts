/** Runs a program of the machine to its end. */
import { execFile } from "node:child_process";

export interface Finished {
  readonly ok: boolean;
  readonly stdout: string;
  /** Both streams, one after the other. */
  readonly output: string;
}

/** Runs `program` in `cwd`; that it fails is a value, not an error. */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ ok: error === null, stdout, output: stdout + stderr }),
    );
  });
}
