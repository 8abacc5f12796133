import * as assert from 'node:assert/strict';
import { test } from 'node:test';

import { IEnvironment } from '../src/contract';
import {
  currentEnvironment,
  EMPTY,
  fine,
  isOpen,
  IState,
  notable,
  noticed,
  noticesOf,
  putIn,
  serverOf,
  shown,
  Store,
  variablesView,
  wantedDetails,
  withTask,
  worst
} from '../src/state';
import {
  environment,
  finding,
  MACHINE,
  problem,
  task,
  variables
} from './fakes';

const OTHER = environment({
  id: 'other',
  name: 'other',
  kernels: [],
  status: 'error'
});
const DEMO = environment();
const KNOWN: IState = {
  ...EMPTY,
  visible: true,
  environments: [MACHINE, OTHER, DEMO]
};
const WITH_NOTEBOOK: IState = {
  ...KNOWN,
  current: { kernel: 'go-demo', display: 'Go', id: 'k1' }
};

test('the notebook in front names its environment by its kernel, and comes first', () => {
  assert.equal(currentEnvironment(WITH_NOTEBOOK)?.id, 'demo0');
  assert.deepEqual(
    shown(WITH_NOTEBOOK).map(one => one.id),
    ['demo0', 'machine', 'other']
  );
  assert.equal(
    currentEnvironment({
      ...KNOWN,
      current: { kernel: 'xpython', display: '', id: '' }
    }),
    null
  );
});

test('the card of the notebook is open; without a notebook those with troubles; or as somebody left it', () => {
  assert.equal(isOpen(WITH_NOTEBOOK, DEMO), true);
  assert.equal(isOpen(WITH_NOTEBOOK, OTHER), false);
  assert.deepEqual(wantedDetails(KNOWN), ['other']);
  const closed = putIn(WITH_NOTEBOOK, 'open', 'demo0', false);
  assert.equal(isOpen(closed, DEMO), false);
});

test('a closed card wants the findings that its words count, once', () => {
  const closed = putIn(KNOWN, 'open', 'other', false);
  assert.deepEqual(wantedDetails(closed), ['other']);
  const details = { ...OTHER, findings: [], task: '' };
  const known = putIn(closed, 'details', 'other', details);
  assert.deepEqual(wantedDetails(known), []);
  const again = { ...OTHER, checked_at: '2026-01-01T00:00:00.000+00:00' };
  assert.deepEqual(wantedDetails({ ...known, environments: [again] }), [
    'other'
  ]);
});

test("a hidden panel wants the notebook's environment only", () => {
  const hidden = { ...WITH_NOTEBOOK, visible: false, open: { other: true } };
  assert.deepEqual(wantedDetails(hidden), ['demo0']);
  assert.deepEqual(wantedDetails({ ...hidden, current: null }), []);
});

test('variables are those of the kernel in front, sorted, with what they really overrode', () => {
  const answer = { ok: true, value: variables('k1') } as const;
  const state = {
    ...WITH_NOTEBOOK,
    variables: { open: true, kernel: 'k1', answer }
  };
  const view = variablesView(state);
  assert.ok(view.kind === 'rows');
  assert.deepEqual(
    view.rows.map(one => one.name),
    ['GOFLAGS', 'GOROOT']
  );
  assert.deepEqual(
    view.rows[1].overrode.map(one => one.value),
    ['/opt/go', '/usr/local/go']
  );
  const other = { kernel: 'go-demo', display: 'Go', id: 'k2' };
  assert.equal(variablesView({ ...state, current: other }).kind, 'waiting');
  const none = { ...other, id: '' };
  assert.equal(variablesView({ ...state, current: none }).kind, 'none');
  assert.equal(variablesView({ ...state, current: null }).kind, 'none');
});

test('variables that can not be had are a sentence', () => {
  const no = problem(404, 'Nothing is known of it.');
  const answer = { ok: false, problem: no } as const;
  const state = {
    ...WITH_NOTEBOOK,
    variables: { open: true, kernel: 'k1', answer }
  };
  assert.deepEqual(variablesView(state), { kind: 'failed', problem: no });
});

test('the worst findings come first, fine ones apart', () => {
  const findings = (
    ['ok', 'info', 'error', 'skipped', 'unknown', 'warn'] as const
  ).map(status => finding({ status }));
  assert.deepEqual(
    notable(findings).map(one => one.status),
    ['error', 'warn', 'unknown', 'info']
  );
  assert.deepEqual(
    fine(findings).map(one => one.status),
    ['ok', 'skipped']
  );
  assert.equal(worst(findings)?.status, 'error');
  assert.equal(worst([]), null);
});

test('a status that a newer server invents hides nothing and breaks nothing', () => {
  const odd = finding({ status: 'terrible' as never });
  assert.deepEqual(notable([odd]), [odd]);
});

test('what says the same changes nothing: nobody draws anew', () => {
  const store = new Store();
  let drawn = 0;
  const stop = store.subscribe(() => (drawn += 1));
  store.update(state => putIn(state, 'tasks', 't1', task()));
  store.update(state => putIn(state, 'tasks', 't1', task()));
  assert.equal(drawn, 1);
  stop();
  store.update(state => putIn(state, 'tasks', 't1', null));
  assert.equal(drawn, 1);
  assert.deepEqual(store.state.tasks, {});
});

test('the result of a task goes when another one began after it', () => {
  const at = (minute: number) => `2026-01-10T12:0${minute}:00.000Z`;
  const fix = task({ state: 'done', started_at: at(1), ended_at: at(2) });
  const deep = task({ id: 't2', kind: 'checks', what: 'deep' });
  let state = withTask(withTask(EMPTY, fix), deep);
  assert.deepEqual(Object.keys(state.tasks), ['t1', 't2']); // it waits
  state = withTask(state, { ...deep, started_at: at(3) });
  assert.deepEqual(Object.keys(state.tasks), ['t2']);
  const ended = { ...deep, started_at: at(3), ended_at: at(4) };
  state = withTask(state, { ...ended, state: 'done' });
  assert.equal(state.tasks.t2.state, 'done');
  // An event that comes late brings nothing back.
  assert.deepEqual(Object.keys(withTask(state, fix).tasks), ['t2']);
  const files = { ...deep, id: 't3', what: 'static', environment: '' };
  const looked = { ...files, started_at: at(5), ended_at: at(6) };
  state = withTask(state, { ...looked, state: 'done' });
  assert.deepEqual(state.tasks, {});
});

test('a check that began before a repair ended leaves its result', () => {
  const fix = task({
    state: 'done',
    started_at: '2026-01-10T12:01:00Z',
    ended_at: '2026-01-10T12:03:00Z'
  });
  const check = task({
    id: 't2',
    kind: 'checks',
    what: 'static',
    state: 'done',
    started_at: '2026-01-10T12:02:00Z',
    ended_at: '2026-01-10T12:04:00Z'
  });
  const state = withTask(withTask(EMPTY, fix), check);
  assert.deepEqual(Object.keys(state.tasks), ['t1']);
  const elsewhere = { ...check, environment: 'x', started_at: check.ended_at };
  assert.deepEqual(withTask(state, elsewhere).tasks, state.tasks);
});

test('the same notice is not said twice, and at most five stay', () => {
  let state = EMPTY;
  for (const text of ['a', 'b', 'b', 'c', 'd', 'e', 'f']) {
    state = noticed(state, { id: text, environment: 'demo', text });
  }
  assert.deepEqual(
    state.notices.map(one => one.text),
    ['b', 'c', 'd', 'e', 'f']
  );
});

test('a notice is left out where its sentence stands beside it already', () => {
  const gone = 'Its prefix is no folder.';
  const texts = (state: IState, of: IEnvironment | null) =>
    noticesOf(state, of).map(one => one.text);
  const hub = { environment: 'x', name: 'x', problem: gone, policy: [] };
  const demo = environment({ status: 'error' });
  let state: IState = { ...EMPTY, environments: [MACHINE, demo] };
  for (const [name, text] of [
    ['x', gone],
    ['x', 'It ended.'],
    ['demo', 'No Go. Install it.'],
    ['demo', 'It ended.']
  ]) {
    state = noticed(state, { id: text, environment: name, text });
  }
  assert.deepEqual(texts(state, null), [gone, 'It ended.']);
  assert.deepEqual(texts({ ...state, hub }, null), ['It ended.']);
  assert.deepEqual(texts(state, MACHINE), []);
  // The card is open, because it is in trouble: first nothing was looked at, then this.
  assert.deepEqual(texts(state, demo), ['No Go. Install it.', 'It ended.']);
  const findings = [finding({ status: 'error', summary: 'No Go.' })];
  const details = { [demo.id]: { ...demo, findings, task: '' } };
  assert.deepEqual(texts({ ...state, details }, demo), ['It ended.']);
  const open = { [demo.id]: false };
  assert.deepEqual(texts({ ...state, details, open }, demo), [
    'No Go. Install it.',
    'It ended.'
  ]);
});

test('the server part is there, of another API, missing, forbidden, or does not answer', () => {
  const health = { status: 'ok', version: '2.0', api: 1 } as const;
  assert.deepEqual(serverOf({ ok: true, value: health }), ['present', '2.0']);
  assert.deepEqual(serverOf({ ok: true, value: { ...health, api: 2 } }), [
    'other',
    '2.0'
  ]);
  for (const [http, server] of [
    [404, 'missing'],
    [403, 'forbidden'],
    [0, 'unreachable'],
    [500, 'unreachable']
  ] as const) {
    assert.equal(serverOf({ ok: false, problem: problem(http) })[0], server);
  }
});
