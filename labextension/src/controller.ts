/**
 * When to ask the server for what.
 *
 * Events say that something changed; then it is fetched, once for many events.  Polling
 * happens only for a task that runs, while somebody looks, and where no event came.
 * Nothing is asked for while the page is hidden, or while neither the panel nor a Go
 * notebook is in front.  No function here ever rejects.
 */

import {
  Answer,
  HEALTH_EVENTS,
  IApi,
  IPreview,
  IProblem,
  ITask,
  KERNEL_EVENTS
} from './contract';
import {
  age,
  currentEnvironment,
  ICurrent,
  isOver,
  noticed,
  put,
  putIn,
  serverOf,
  Store,
  wantedDetails,
  withTask
} from './state';

export interface ISettings {
  checkOnOpen: boolean;
  /** Minutes. */
  checkAge: number;
}

/** Milliseconds. */
export interface IPauses {
  /** Events within this time lead to one request. */
  gather: number;
  /** Without an event for so long, a task that runs is asked for. */
  poll: number;
}

const PAUSES: IPauses = { gather: 150, poll: 3000 };
const SIDE_BY_SIDE = 4;

export class Controller {
  constructor(
    readonly store: Store,
    private _api: IApi,
    private _pauses: IPauses = PAUSES
  ) {}

  settings: ISettings = { checkOnOpen: true, checkAge: 10 };

  /** The panel came into sight, or went. */
  async setVisible(visible: boolean): Promise<void> {
    this._panelVisible = visible;
    await this._seen();
  }

  /** The browser's tab came to the front, or went. */
  async setPageVisible(visible: boolean): Promise<void> {
    this._pageVisible = visible;
    await this._seen();
  }

  /** The notebook in front runs on this Go kernel; null where it is none. */
  async setCurrent(current: ICurrent | null): Promise<void> {
    const before = this.store.state.current;
    this.store.update(state => put(state, 'current', current));
    // A kernel that has started is no reason to look at its environment anew.
    const fetched =
      before?.id === current?.id ? undefined : this._fetchVariables();
    if (
      before?.kernel !== current?.kernel ||
      before?.display !== current?.display
    ) {
      this._stale ||= current !== null;
      await this._seen();
    }
    await fetched;
  }

  /** Open or close a card. */
  async setOpen(environment: string, open: boolean): Promise<void> {
    this.store.update(state => putIn(state, 'open', environment, open));
    if (open) {
      await this._fetchDetails([environment]);
    }
  }

  /** Fetch all that is shown anew. */
  async refresh(): Promise<void> {
    if (this._refreshing) {
      this._again = true;
      return this._refreshing;
    }
    this._refreshing = this._refresh();
    await this._refreshing;
    this._refreshing = null;
    if (this._again) {
      this._again = false;
      await this.refresh();
    }
  }

  /** Ask again whether there is a server part, and for all. */
  async reconnect(): Promise<void> {
    this.store.update(state => put(state, 'server', 'unknown'));
    await this.refresh();
  }

  /** Start checks of an environment; of all for "". */
  async check(environment: string, deep = false): Promise<void> {
    this._taken(environment, await this._api.check(environment, deep));
  }

  /** What a fix would do. */
  async preview(environment: string, fix: string): Promise<Answer<IPreview>> {
    const answer = await this._api.preview(environment, fix);
    if (answer.ok) {
      this._titles.set(fix, answer.value.title);
    }
    return answer;
  }

  /** Do what was shown; the answer is for who showed it. */
  async fix(environment: string, preview: IPreview): Promise<IProblem | null> {
    const answer = await this._api.fix(environment, preview.id, preview.token);
    if (!answer.ok) {
      return answer.problem;
    }
    this._begun = answer.value.id;
    this._taken(environment, answer);
    return null;
  }

  /** What a fix is called; its id, where nobody looked at it yet. */
  titleOf(fix: string): string {
    return this._titles.get(fix) ?? fix;
  }

  /** Whether somebody here began this fix a moment ago, and wants to see it; says so once. */
  wasJustBegun(task: string): boolean {
    const begun = this._begun === task;
    this._begun = begun ? '' : this._begun;
    return begun;
  }

  async cancel(task: ITask): Promise<void> {
    const answer = await this._api.cancel(task.id);
    // 404: it ended before.
    if (!answer.ok && answer.problem.http !== 404) {
      this._failed(task.environment, answer.problem);
    }
    await this._fetchTask(task.id);
  }

  /** Take a task that is over out of sight. */
  forget(task: ITask): void {
    this.store.update(state => putIn(state, 'tasks', task.id, null));
  }

  /** What is known, to paste. */
  report(): Promise<Answer<string>> {
    return this._api.report();
  }

  /** Show the variables of the notebook's kernel, or no longer. */
  async setVariablesOpen(open: boolean): Promise<void> {
    if (open !== this.store.state.variables.open) {
      const variables = { open, kernel: '', answer: null };
      this.store.update(state => put(state, 'variables', variables));
      await this._fetchVariables();
    }
  }

  dismiss(notice: string): void {
    this.store.update(state =>
      put(
        state,
        'notices',
        state.notices.filter(one => one.id !== notice)
      )
    );
  }

  dismissFailure(environment: string): void {
    this.store.update(state => putIn(state, 'failures', environment, null));
  }

  /** Something was said on the server's event bus. */
  onEvent(event: { schema_id?: string; [key: string]: unknown }): void {
    if (event.schema_id === KERNEL_EVENTS) {
      this._onKernelEvent(event);
    } else if (event.schema_id === HEALTH_EVENTS) {
      const task = String(event.task ?? '');
      if (task && event.action === 'task') {
        this._heardOf.add(task);
        this._soon(task);
      } else {
        this._soon();
      }
    }
  }

  dispose(): void {
    clearTimeout(this._soonTimer);
    clearTimeout(this._pollTimer);
    this._panelVisible = this._pageVisible = false;
  }

  private get _watched(): boolean {
    const { state } = this.store;
    return this._pageVisible && (this._panelVisible || state.current !== null);
  }

  private async _seen(): Promise<void> {
    const visible = this._panelVisible && this._pageVisible;
    const before = this.store.state.visible;
    this.store.update(state => put(state, 'visible', visible));
    if (visible && !before) {
      void this._fetchVariables();
      await this.refresh();
      await this._checkAll();
    } else if (this._stale && this._watched) {
      await this.refresh();
      await this._checkNotebook();
    }
    this._pollLater();
  }

  private async _refresh(): Promise<void> {
    this._stale = false;
    if (this.store.state.server !== 'present' && !(await this._connect())) {
      return;
    }
    const answer = await this._api.environments();
    if (!answer.ok) {
      this._failed('', answer.problem);
      return;
    }
    this.store.update(state => {
      const { environments, hub } = answer.value;
      const ids = new Set(environments.map(one => one.id));
      const kept = Object.entries(state.details).filter(([id]) => ids.has(id));
      state = put(state, 'environments', environments);
      state = put(state, 'hub', hub);
      state = put(state, 'details', Object.fromEntries(kept));
      return put(putIn(state, 'failures', '', null), 'loaded', true);
    });
    await this._fetchDetails(wantedDetails(this.store.state));
    const running = Object.values(this.store.state.tasks).filter(
      one => !isOver(one)
    );
    await Promise.all(running.map(one => this._fetchTask(one.id)));
  }

  private async _connect(): Promise<boolean> {
    const [server, version] = serverOf(await this._api.health());
    this.store.update(state =>
      put(put(put(state, 'server', server), 'version', version), 'loaded', true)
    );
    return server === 'present';
  }

  private async _fetchDetails(ids: readonly string[]): Promise<void> {
    const left = [...ids];
    const worker = async () => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) {
        await this._fetchOneDetails(id);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  }

  private async _fetchOneDetails(id: string): Promise<void> {
    const answer = await this._api.environment(id);
    if (!answer.ok) {
      this._failed(id, answer.problem);
      return;
    }
    this.store.update(state => putIn(state, 'details', id, answer.value));
    const task = answer.value.task;
    if (task && !(task in this.store.state.tasks)) {
      await this._fetchTask(task);
    }
  }

  /** Fetch the variables of the notebook's kernel, where somebody sees them. */
  private async _fetchVariables(): Promise<void> {
    const { current, variables, visible } = this.store.state;
    const kernel = current?.id;
    const turn = ++this._turn;
    if (!variables.open || !visible || !kernel) {
      return;
    }
    const answer = await this._api.variables(kernel);
    if (turn === this._turn) {
      const found = { open: true, kernel, answer };
      this.store.update(state => put(state, 'variables', found));
    }
  }

  private async _fetchTask(id: string): Promise<void> {
    const answer = await this._api.task(id);
    const known = this.store.state.tasks[id];
    if (answer.ok) {
      this._keep(answer.value);
    } else if (answer.problem.http === 404 && known) {
      this.forget(known); // The server was started anew.
    }
  }

  /** A task was started, or was not. */
  private _taken(environment: string, answer: Answer<ITask>): void {
    if (!answer.ok) {
      this._failed(environment, answer.problem);
      return;
    }
    this.store.update(state => putIn(state, 'failures', environment, null));
    this._keep(answer.value);
  }

  private _keep(task: ITask): void {
    const before = this.store.state.tasks[task.id];
    const wasOver = before !== undefined && isOver(before);
    this.store.update(state => withTask(state, task));
    if (isOver(task)) {
      this._heardOf.delete(task.id);
      if (!wasOver) {
        this._soon();
      }
    }
    this._pollLater();
  }

  private _failed(environment: string, problem: IProblem): void {
    if (problem.http === 0) {
      this._stale = true;
    }
    this.store.update(state => putIn(state, 'failures', environment, problem));
  }

  /** Fetch a task, or all, once for all events that come together; later where nobody looks. */
  private _soon(task = ''): void {
    if (!this._watched) {
      this._stale = true;
      return;
    }
    this._wanted.add(task);
    if (this._soonTimer === undefined) {
      this._soonTimer = setTimeout(
        () => void this._fetchWanted(),
        this._pauses.gather
      );
    }
  }

  private async _fetchWanted(): Promise<void> {
    const wanted = [...this._wanted];
    this._soonTimer = undefined;
    this._wanted.clear();
    await Promise.all(wanted.filter(Boolean).map(one => this._fetchTask(one)));
    if (wanted.includes('') || this._wanted.delete('')) {
      await this.refresh();
    }
  }

  private _pollLater(): void {
    clearTimeout(this._pollTimer);
    this._pollTimer = undefined;
    if (this.store.state.visible && this._running().length > 0) {
      this._pollTimer = setTimeout(() => void this._poll(), this._pauses.poll);
    }
  }

  private async _poll(): Promise<void> {
    const silent = this._running().filter(one => !this._heardOf.has(one.id));
    this._heardOf.clear();
    await Promise.all(silent.map(one => this._fetchTask(one.id)));
    this._pollLater();
  }

  private _running(): ITask[] {
    return Object.values(this.store.state.tasks).filter(one => !isOver(one));
  }

  /** The panel was opened: look at everything, where the last look is too old. */
  private async _checkAll(): Promise<void> {
    const { server, environments } = this.store.state;
    const old = environments.some(one => this._isOld(one.checked_at));
    if (server === 'present' && old && this._mayCheck('')) {
      await this.check('');
    }
  }

  private async _checkNotebook(): Promise<void> {
    const environment = currentEnvironment(this.store.state);
    if (
      environment &&
      this._isOld(environment.checked_at) &&
      this._mayCheck(environment.id)
    ) {
      await this.check(environment.id);
    }
  }

  private _isOld(checkedAt: string | null): boolean {
    return age(checkedAt, Date.now()) >= this.settings.checkAge * 60000;
  }

  /** A check that changes no `checked_at` must not be asked for again and again. */
  private _mayCheck(environment: string): boolean {
    const now = Date.now();
    const last = Math.max(
      this._asked.get('') ?? 0,
      this._asked.get(environment) ?? 0
    );
    if (
      !this.settings.checkOnOpen ||
      now - last < this.settings.checkAge * 60000
    ) {
      return false;
    }
    this._asked.set(environment, now);
    return true;
  }

  private _onKernelEvent(event: { [key: string]: unknown }): void {
    const { action, kernel_id, environment, message } = event;
    if (action === 'failed' || action === 'died') {
      this._notices += 1;
      const notice = {
        id: `${kernel_id} ${this._notices}`,
        environment: String(environment ?? ''),
        text: String(message ?? '')
      };
      this.store.update(state => noticed(state, notice));
    }
    if (action === 'failed' || action === 'built') {
      this._soon();
    }
    const ours = kernel_id === this.store.state.current?.id;
    // Started is also what a kernel is that was started again.
    if (ours && ['started', 'failed', 'died'].includes(String(action))) {
      void this._fetchVariables();
    }
  }

  private _panelVisible = false;
  private _pageVisible = true;
  private _stale = false;
  private _refreshing: Promise<void> | null = null;
  private _again = false;
  private _soonTimer: ReturnType<typeof setTimeout> | undefined;
  private _pollTimer: ReturnType<typeof setTimeout> | undefined;
  /** Tasks that an event named since the last poll. */
  private _heardOf = new Set<string>();
  /** Tasks to fetch; "" for everything. */
  private _wanted = new Set<string>();
  private _asked = new Map<string, number>();
  private _titles = new Map<string, string>();
  private _begun = '';
  private _notices = 0;
  /** Of requests for variables: the answer to the last one counts. */
  private _turn = 0;
}
