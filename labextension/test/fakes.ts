/** Data as the server sends it, and a server that is a few lines. */

import {
  Answer,
  IApi,
  IDetails,
  IEnvironment,
  IEnvironments,
  IFinding,
  IHealth,
  IHub,
  IKernelEnvironment,
  IPreview,
  IProblem,
  ITask
} from '../src/contract';
import { ITrans } from '../src/words';

/** As nullTranslator does it: the text as it is, with %1 filled in. */
export const trans: ITrans = {
  __: (text, ...args) =>
    text.replace(/%(\d)/g, (_, n) => String(args[Number(n) - 1])),
  _n: (one, many, n, ...args) => trans.__(n === 1 ? one : many, ...args)
};

export function finding(change: Partial<IFinding>): IFinding {
  return {
    id: 'toolchain.present',
    environment: '/envs/demo',
    kernel: '',
    status: 'ok',
    summary: 'Go is there.',
    evidence: '',
    remedy: null,
    fix: null,
    duration_ms: 1,
    checked_at: '2026-01-01T00:00:00.000+00:00',
    ...change
  };
}

export function environment(change: Partial<IEnvironment> = {}): IEnvironment {
  return {
    id: 'demo0',
    name: 'demo',
    place: '/envs/demo',
    kind: 'conda',
    go_version: '1.26.8',
    problem: '',
    kernels: [
      {
        name: 'go-demo',
        display_name: 'Go (conda env: demo)',
        engine: 'gophernotes'
      }
    ],
    status: 'ok',
    checked_at: new Date().toISOString(),
    ...change
  };
}

export const MACHINE = environment({
  id: 'machine',
  name: 'this machine',
  place: '',
  kind: 'machine',
  go_version: '',
  kernels: []
});

export function task(change: Partial<ITask> = {}): ITask {
  return {
    id: 't1',
    kind: 'fix',
    environment: 'demo0',
    what: 'engine.rebuild',
    state: 'running',
    progress: '',
    lines: [],
    error: null,
    findings: [],
    started_at: null,
    ended_at: null,
    ...change
  };
}

/** What a kernel got, by its id. */
export function variables(kernel: string): IKernelEnvironment {
  const old = { value: '/usr/local/go', origin: "server's environment" };
  const GOROOT = {
    value: '/envs/demo/go',
    origin: 'toolchain',
    layer: 6,
    overrode: [
      old,
      { value: '/opt/go', origin: 'activation' },
      { value: '/envs/demo/go', origin: 'kernelspec' }
    ]
  };
  const GOFLAGS = { value: '', origin: 'toolchain', layer: 6, overrode: [] };
  return {
    kernel_id: kernel,
    environment: 'demo',
    engine: 'gophernotes',
    go_version: '1.26.8',
    variables: { GOROOT, GOFLAGS }
  };
}

export function problem(http: number, message = 'No.'): IProblem {
  return { message, reason: '', remedy: null, http };
}

/** Answers from what it holds, and remembers what it was asked. */
export class FakeServer implements IApi {
  asked: string[] = [];
  known: IEnvironment[] = [MACHINE, environment()];
  hub: IHub | null = null;
  findings: IFinding[] = [];
  tasks: Record<string, ITask> = {};
  /** By request: what fails instead. */
  failing: Record<string, IProblem> = {};
  api = 1;

  count(request: string): number {
    return this.asked.filter(one => one.startsWith(request)).length;
  }

  async health(): Promise<Answer<IHealth>> {
    return this._say('health', { status: 'ok', version: '9.9', api: this.api });
  }

  async report(): Promise<Answer<string>> {
    return this._say('report', '### jupyter gokernel doctor');
  }

  async variables(kernel: string): Promise<Answer<IKernelEnvironment>> {
    return this._say(`variables ${kernel}`, variables(kernel));
  }

  async environments(): Promise<Answer<IEnvironments>> {
    const { known, hub } = this;
    return this._say('environments', { environments: known, hub });
  }

  async environment(id: string): Promise<Answer<IDetails>> {
    const found = this.known.find(one => one.id === id) ?? environment({ id });
    const running = Object.values(this.tasks).find(
      one => one.environment === id && one.state === 'running'
    );
    const details = {
      ...found,
      findings: this.findings,
      task: running?.id ?? ''
    };
    return this._say(`environment ${id}`, details);
  }

  async check(environment: string, deep: boolean): Promise<Answer<ITask>> {
    const what = deep ? 'deep' : 'static';
    const started = task({
      id: `check ${environment}`,
      kind: 'checks',
      environment,
      what
    });
    return this._start(`check ${environment || 'all'} ${what}`, started);
  }

  async preview(environment: string, fix: string): Promise<Answer<IPreview>> {
    const preview: IPreview = {
      id: fix,
      title: fix,
      risk: 'low',
      preview: 'x',
      token: 'abc'
    };
    return this._say(`preview ${environment} ${fix}`, preview);
  }

  async fix(
    environment: string,
    fix: string,
    token: string
  ): Promise<Answer<ITask>> {
    return this._start(
      `fix ${environment} ${fix} ${token}`,
      task({ environment, what: fix })
    );
  }

  async task(id: string): Promise<Answer<ITask>> {
    const found = this.tasks[id];
    return found
      ? this._say(`task ${id}`, found)
      : { ok: false, problem: problem(404) };
  }

  async cancel(id: string): Promise<Answer<null>> {
    this.tasks[id] = { ...this.tasks[id], state: 'cancelled' };
    return this._say(`cancel ${id}`, null);
  }

  private _start(request: string, started: ITask): Answer<ITask> {
    if (!(request in this.failing)) {
      this.tasks[started.id] = started;
    }
    return this._say(request, started);
  }

  private _say<T>(request: string, value: T): Answer<T> {
    this.asked.push(request);
    const fails = this.failing[request];
    return fails
      ? { ok: false, problem: fails }
      : { ok: true, value: structuredClone(value) };
  }
}
