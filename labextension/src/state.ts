/** What is known, and what follows from it.  Pure: no Jupyter, no clock, no network. */

import {
  API,
  Answer,
  IDetails,
  IEnvironment,
  IFinding,
  IHealth,
  IHub,
  IKernelEnvironment,
  IOverridden,
  IProblem,
  ITask,
  Status
} from './contract';

/** Whether there is a server part, and one that we understand. */
export type Server =
  'unknown' | 'present' | 'missing' | 'forbidden' | 'other' | 'unreachable';

/** The kernel of the notebook in front, where it is a Go kernel. */
export interface ICurrent {
  /** The kernelspec's name. */
  kernel: string;
  display: string;
  /** Of the kernel that runs; "" for none. */
  id: string;
  /** Whether a JupyterHub chooses its environment. */
  fromHub?: boolean;
}

/** The variables of the current notebook's kernel, as far as somebody wants to see them. */
export interface IVariables {
  open: boolean;
  /** The kernel that the answer is about. */
  kernel: string;
  answer: Answer<IKernelEnvironment> | null;
}

/** A variable as it is shown: what it overrode comes the last first. */
export interface IRow extends IOverridden {
  name: string;
  overrode: readonly IOverridden[];
}

export type VariablesView =
  | { kind: 'none' }
  | { kind: 'waiting' }
  | { kind: 'failed'; problem: IProblem }
  | { kind: 'rows'; rows: readonly IRow[] };

/** A line about something that happened to a kernel; stays until it is dismissed. */
export interface INotice {
  id: string;
  /** The environment's name. */
  environment: string;
  text: string;
}

export interface IState {
  readonly server: Server;
  /** The server's version, for the sentence where it is another one than ours. */
  readonly version: string;
  readonly loaded: boolean;
  readonly visible: boolean;
  readonly current: ICurrent | null;
  readonly environments: readonly IEnvironment[];
  /** What a JupyterHub decided; null where none did. */
  readonly hub: IHub | null;
  readonly details: Readonly<Record<string, IDetails>>;
  /** Environments whose cards are open, as far as somebody opened or closed them. */
  readonly open: Readonly<Record<string, boolean>>;
  readonly tasks: Readonly<Record<string, ITask>>;
  readonly notices: readonly INotice[];
  readonly variables: IVariables;
  /** The last request that failed, by environment; "" for those about all. */
  readonly failures: Readonly<Record<string, IProblem>>;
}

export const EMPTY: IState = {
  server: 'unknown',
  version: '',
  loaded: false,
  visible: false,
  current: null,
  environments: [],
  hub: null,
  details: {},
  open: {},
  tasks: {},
  notices: [],
  variables: { open: false, kernel: '', answer: null },
  failures: {}
};

/** From the worst to the best, as they are shown. */
export const SEVERITY: readonly Status[] = [
  'error',
  'warn',
  'unknown',
  'info',
  'ok',
  'skipped'
];

const MAX_NOTICES = 5;
/** Milliseconds between findings that are not of one check. */
const EARLIER = 60 * 1000;
/** Milliseconds after which what an earlier check found is counted no more. */
const PAST = 24 * 60 * 60 * 1000;

/** Holds the one state, and tells who listens when it became another one. */
export class Store {
  get state(): IState {
    return this._state;
  }

  /** Change it; whoever gives back the same object changes nothing. */
  update(change: (state: IState) => IState): void {
    const next = change(this._state);
    if (next === this._state) {
      return;
    }
    this._state = next;
    for (const listener of [...this._listeners]) {
      listener();
    }
  }

  /** Be told of changes; gives back how to stop that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  };

  readonly snapshot = (): IState => this._state;

  private _state: IState = EMPTY;
  private _listeners = new Set<() => void>();
}

/** What an answer of `/gokernel/health` says about the server part. */
export function serverOf(answer: Answer<IHealth>): [Server, string] {
  if (answer.ok) {
    const { api, version } = answer.value;
    return [api === API ? 'present' : 'other', version ?? ''];
  }
  switch (answer.problem.http) {
    case 401:
    case 403:
      return ['forbidden', ''];
    case 404:
      return ['missing', ''];
    default:
      return ['unreachable', ''];
  }
}

/** The same state with one part replaced, or the very same where that part says the same. */
export function put<K extends keyof IState>(
  state: IState,
  key: K,
  value: IState[K]
): IState {
  return same(state[key], value) ? state : { ...state, [key]: value };
}

/** As `put`, for one entry of a record; null takes it out. */
export function putIn<K extends 'details' | 'tasks' | 'failures' | 'open'>(
  state: IState,
  key: K,
  id: string,
  value: IState[K][string] | null
): IState {
  const entries: Record<string, unknown> = { ...state[key] };
  if (value === null) {
    delete entries[id];
  } else if (!same(entries[id], value)) {
    entries[id] = value;
  }
  return put(state, key, entries as IState[K]);
}

/** The environment that the notebook in front runs on. */
export function currentEnvironment(state: IState): IEnvironment | null {
  const kernel = state.current?.kernel;
  const found = state.environments.find(one =>
    one.kernels.some(other => other.name === kernel)
  );
  return (kernel && found) || null;
}

/** All environments, the current notebook's first. */
export function shown(state: IState): IEnvironment[] {
  const current = currentEnvironment(state);
  const others = state.environments.filter(one => one !== current);
  return current ? [current, ...others] : others;
}

/** Whether a card is open: as somebody left it; else the current one, else those with troubles. */
export function isOpen(state: IState, environment: IEnvironment): boolean {
  const said = state.open[environment.id];
  if (said !== undefined) {
    return said;
  }
  const current = currentEnvironment(state);
  return current
    ? current.id === environment.id
    : environment.status === 'error' || environment.status === 'warn';
}

/** The environments whose findings somebody sees, or would see in the status item. */
export function wantedDetails(state: IState): string[] {
  const current = currentEnvironment(state);
  const wanted = (one: IEnvironment) =>
    isOpen(state, one) || isUncounted(state, one);
  return shown(state)
    .filter(one => one === current || (state.visible && wanted(one)))
    .map(one => one.id);
}

/** Whether a closed card's words need findings that are not known as they are now. */
function isUncounted(state: IState, environment: IEnvironment): boolean {
  const known = state.details[environment.id];
  const { status, checked_at } = environment;
  return (
    checked_at !== null &&
    status !== 'ok' &&
    (known?.checked_at !== checked_at || known.status !== status)
  );
}

/** Whether a finding is of another check than the newest of these: more than a minute older. */
export function isEarlier(
  finding: IFinding,
  findings: readonly IFinding[]
): boolean {
  const newest = Math.max(...findings.map(one => timeOf(one.checked_at)));
  return timeOf(finding.checked_at) < newest - EARLIER;
}

/** Whether a finding is of an earlier check, and so old that it says little about now. */
export function isPast(
  finding: IFinding,
  findings: readonly IFinding[],
  now: number
): boolean {
  return age(finding.checked_at, now) > PAST && isEarlier(finding, findings);
}

/** The findings that count, by what they say about now. */
export function counted(
  findings: readonly IFinding[],
  now: number
): IFinding[] {
  return findings.filter(one => !isPast(one, findings, now));
}

/** How an environment is: the worst that counts; what the server says where no more is known. */
export function statusOf(
  state: IState,
  environment: IEnvironment,
  now: number
): Status {
  const findings = state.details[environment.id]?.findings ?? [];
  return worst(counted(findings, now))?.status ?? environment.status;
}

/** Findings that want to be read, the worst first. */
export function notable(findings: readonly IFinding[]): IFinding[] {
  return sorted(findings.filter(one => !isFine(one)));
}

/** The others: fine, or nothing to look at. */
export function fine(findings: readonly IFinding[]): IFinding[] {
  return sorted(findings.filter(isFine));
}

/** The worst of these, null for none. */
export function worst(findings: readonly IFinding[]): IFinding | null {
  return sorted(findings)[0] ?? null;
}

/** Tasks that are about this environment, the newest last; "" for those about all. */
export function tasksOf(state: IState, environment: string): ITask[] {
  return Object.values(state.tasks).filter(
    one => one.environment === environment
  );
}

/**
 * The state with what a task is now.  A task that began takes the results of those that
 * ended before it out of sight, and so does the result of one that ended later.
 */
export function withTask(state: IState, task: ITask): IState {
  // Files were looked at, and all went well: the findings and their age say so.
  const silent =
    task.kind === 'checks' && task.what !== 'deep' && task.state === 'done';
  const replaced = (one: ITask) =>
    isOver(one) &&
    (task.environment === '' || task.environment === one.environment) &&
    timeOf(one.ended_at) <=
      timeOf(silent || !isOver(task) ? task.started_at : task.ended_at);
  const others = Object.entries(state.tasks).filter(
    ([id, one]) => id !== task.id && !replaced(one)
  );
  const kept = silent || isForgotten(state, task) ? [] : [[task.id, task]];
  return put(state, 'tasks', Object.fromEntries([...others, ...kept]));
}

/** Whether a newer result took the place of this one already. */
function isForgotten(state: IState, task: ITask): boolean {
  return (
    isOver(task) &&
    Object.values(state.tasks).some(
      one =>
        one.id !== task.id &&
        one.environment === task.environment &&
        timeOf(one.started_at) >= timeOf(task.ended_at)
    )
  );
}

export function isOver(task: ITask): boolean {
  return task.state !== 'queued' && task.state !== 'running';
}

/** Whether a check of this environment is under way, alone or with all. */
export function isChecking(state: IState, environment: string): boolean {
  return Object.values(state.tasks).some(
    task =>
      task.kind === 'checks' &&
      !isOver(task) &&
      (task.environment === environment || task.environment === '')
  );
}

/** The state with a notice more; the same words are not said twice, and old ones go. */
export function noticed(state: IState, notice: INotice): IState {
  const others = state.notices.filter(
    one => one.text !== notice.text || one.environment !== notice.environment
  );
  return put(state, 'notices', [...others, notice].slice(-MAX_NOTICES));
}

/**
 * The notices about an environment, null for those about none that is there; without
 * what stands beside them already.
 */
export function noticesOf(
  state: IState,
  environment: IEnvironment | null
): INotice[] {
  const names = new Set(state.environments.map(one => one.name));
  const own = (one: INotice) =>
    environment === null
      ? !names.has(one.environment)
      : one.environment === environment.name && environment.kind !== 'machine';
  const said = beside(state, environment).filter(Boolean);
  return state.notices.filter(
    one => own(one) && !said.some(other => one.text.startsWith(other))
  );
}

/** The sentences that stand where an environment's notices do. */
function beside(state: IState, environment: IEnvironment | null): string[] {
  if (environment === null) {
    return [state.hub?.problem ?? ''];
  }
  if (!isOpen(state, environment)) {
    return [];
  }
  const findings = state.details[environment.id]?.findings ?? [];
  return findings.length
    ? notable(findings).map(one => one.summary)
    : [environment.problem];
}

/** What there is to show of the variables of the notebook's kernel. */
export function variablesView(state: IState): VariablesView {
  const id = state.current?.id;
  const { kernel, answer } = state.variables;
  if (!id) {
    return { kind: 'none' };
  }
  if (answer === null || kernel !== id) {
    return { kind: 'waiting' };
  }
  return answer.ok
    ? { kind: 'rows', rows: rowsOf(answer.value) }
    : { kind: 'failed', problem: answer.problem };
}

/** The age in milliseconds of what was checked then; infinite for never. */
export function age(checkedAt: string | null, now: number): number {
  return Math.max(0, now - timeOf(checkedAt));
}

/** In milliseconds since the epoch; before all others for never. */
function timeOf(spoken: string | null): number {
  const then = spoken ? Date.parse(spoken) : NaN;
  return Number.isNaN(then) ? -Infinity : then;
}

function rowsOf(found: IKernelEnvironment): IRow[] {
  return Object.entries(found.variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { value, origin, overrode }]) => ({
      name,
      value,
      origin,
      // Who said the same overrode nothing that anybody would miss.
      overrode: overrode.filter(one => one.value !== value).reverse()
    }));
}

function isFine(finding: IFinding): boolean {
  return finding.status === 'ok' || finding.status === 'skipped';
}

function sorted(findings: readonly IFinding[]): IFinding[] {
  const rank = (one: IFinding) => SEVERITY.indexOf(one.status);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
