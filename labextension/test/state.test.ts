import * as assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  currentEnvironment,
  EMPTY,
  fine,
  isOpen,
  IState,
  notable,
  noticed,
  putIn,
  serverOf,
  shown,
  Store,
  variablesView,
  wantedDetails,
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
  assert.deepEqual(wantedDetails(WITH_NOTEBOOK), ['demo0']);
  assert.deepEqual(wantedDetails(KNOWN), ['other']);
  const closed = putIn(WITH_NOTEBOOK, 'open', 'demo0', false);
  assert.equal(isOpen(closed, DEMO), false);
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
