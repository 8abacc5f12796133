/** What the server's REST API and events say, as types: see go_kernel/server. */

/** The version of the API that this panel was written for. */
export const API = 1;

/** Checks that only a deep check makes: see go_kernel/health/live. */
export const DEEP: ReadonlySet<string> = new Set([
  'activation.afresh',
  'go.agrees',
  'toolchain.files',
  'engine.version',
  'cgo.loads',
  'modcache.intact',
  'proxy.reachable',
  'sumdb.reachable',
  'kernel.answers',
  'import.third-party',
  'offline.verified',
  'import.offline'
]);

export const HEALTH_EVENTS =
  'https://events.jupyter-gokernel.invalid/health/v1';
export const KERNEL_EVENTS =
  'https://events.jupyter-gokernel.invalid/kernel/v1';

export type Status = 'ok' | 'info' | 'warn' | 'error' | 'unknown' | 'skipped';
export type Risk = 'none' | 'low' | 'medium';

export interface IRemedy {
  text: string;
  commands: string[];
}

/** Why a request failed: a sentence, an id, what helps; `http` is 0 where nobody answered. */
export interface IProblem {
  message: string;
  reason: string;
  remedy: IRemedy | null;
  http: number;
}

/** What every request ends in; nothing is ever thrown. */
export type Answer<T> =
  { ok: true; value: T } | { ok: false; problem: IProblem };

export interface IFinding {
  id: string;
  environment: string;
  kernel: string;
  status: Status;
  summary: string;
  evidence: string;
  remedy: IRemedy | null;
  fix: { id: string; risk: Risk; preview: string } | null;
  /** What was found the last time, where nothing could be found out now. */
  last?: { status: Status; summary: string; checked_at: string } | null;
  duration_ms: number;
  checked_at: string;
}

export interface IKernel {
  name: string;
  display_name: string;
  engine: string;
}

export interface IEnvironment {
  id: string;
  name: string;
  place: string;
  kind: 'conda' | 'goroot' | 'machine';
  go_version: string;
  problem: string;
  kernels: IKernel[];
  status: Status;
  checked_at: string | null;
}

/** A variable that a JupyterHub sets for kernels. */
export interface IPolicy {
  name: string;
  value: string;
  origin: string;
}

/** What the JupyterHub decided that started the server. */
export interface IHub {
  /** The id of the environment that it chose; "" for none. */
  environment: string;
  name: string;
  /** Why the chosen one can't be used, or "". */
  problem: string;
  policy: IPolicy[];
}

/** All environments, the machine first; `hub` where a JupyterHub decided anything. */
export interface IEnvironments {
  environments: IEnvironment[];
  hub: IHub | null;
}

export interface IDetails extends IEnvironment {
  findings: IFinding[];
  /** The id of a task that runs, or "". */
  task: string;
}

export interface IHealth {
  status: Status;
  version: string;
  api: number;
}

export type TaskState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface ITask {
  id: string;
  kind: 'checks' | 'fix';
  environment: string;
  /** `static`, `deep`, or the id of a fix. */
  what: string;
  state: TaskState;
  progress: string;
  lines: string[];
  error: Omit<IProblem, 'http'> | null;
  findings: IFinding[];
  started_at: string | null;
  ended_at: string | null;
}

export interface IPreview {
  id: string;
  title: string;
  risk: Risk;
  preview: string;
  token: string;
}

/** A value that was not taken, or is not set (null), and where it came from. */
export interface IOverridden {
  value: string | null;
  origin: string;
}

export interface IVariable extends IOverridden {
  layer: number;
  /** From the first to the last. */
  overrode: IOverridden[];
}

/** What a running kernel got. */
export interface IKernelEnvironment {
  kernel_id: string;
  environment: string;
  engine: string;
  go_version: string;
  variables: Record<string, IVariable>;
}

/** The requests; an empty environment stands for all of them. */
export interface IApi {
  health(): Promise<Answer<IHealth>>;
  /** Markdown to paste. */
  report(): Promise<Answer<string>>;
  environments(): Promise<Answer<IEnvironments>>;
  environment(id: string): Promise<Answer<IDetails>>;
  check(environment: string, deep: boolean): Promise<Answer<ITask>>;
  preview(environment: string, fix: string): Promise<Answer<IPreview>>;
  fix(environment: string, fix: string, token: string): Promise<Answer<ITask>>;
  task(id: string): Promise<Answer<ITask>>;
  cancel(id: string): Promise<Answer<null>>;
  /** By a kernel's id. */
  variables(kernel: string): Promise<Answer<IKernelEnvironment>>;
}
