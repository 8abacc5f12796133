import * as assert from 'node:assert/strict';
import { test } from 'node:test';

import { IFinding } from '../src/contract';
import { EMPTY, IState } from '../src/state';
import {
  cardWords,
  checkedWords,
  earlierWords,
  fineWords,
  hubWords,
  nameWords,
  overrodeWords,
  passiveCommands,
  passiveWords,
  policyWords,
  problemWords,
  statusItemWords,
  valueWords,
  verdict
} from '../src/words';
import { environment, finding, problem, trans } from './fakes';

const NOW = Date.parse('2026-01-10T12:00:00Z');

test('ages are said as people say them', () => {
  for (const [then, words] of [
    [null, 'not checked yet'],
    ['', 'not checked yet'],
    ['nonsense', 'not checked yet'],
    ['2026-01-10T11:59:30.000+00:00', 'checked just now'],
    ['2026-01-10T12:00:30.000+00:00', 'checked just now'], // a clock that goes ahead
    ['2026-01-10T11:57:00.000+00:00', 'checked 3 min ago'],
    ['2026-01-10T09:00:00.000+00:00', 'checked 3 h ago'],
    ['2026-01-09T11:00:00.000+00:00', 'checked 1 day ago'],
    ['2026-01-01T12:00:00.000+00:00', 'checked 9 days ago']
  ] as const) {
    assert.equal(checkedWords(then, NOW, trans), words);
  }
});

test('a verdict counts what is as bad as the worst', () => {
  const two = [
    finding({ status: 'error' }),
    finding({ status: 'error' }),
    finding({})
  ];
  assert.equal(verdict(two, 'error', trans), '2 errors');
  assert.equal(verdict(two, 'ok', trans), 'fine');
  assert.equal(verdict([], 'warn', trans), 'warning');
});

test('an empty value and none have words', () => {
  assert.equal(valueWords('/go', trans), '/go');
  assert.equal(valueWords('', trans), '(empty)');
  assert.equal(valueWords(null, trans), '(unset)');
  assert.equal(
    overrodeWords({ value: null, origin: 'go env -w' }, trans),
    'was (unset) (go env -w)'
  );
});

test('what is fine is a count', () => {
  const skipped = finding({ status: 'skipped' });
  assert.equal(
    fineWords([finding({}), finding({}), skipped], trans),
    '2 checks are fine, 1 was not looked at'
  );
  assert.equal(fineWords([finding({})], trans), '1 check is fine');
});

test('the status item says Go, environment and what is wrong; the sentence behind it the worst finding', () => {
  const broken = environment({ status: 'error' });
  const findings = [
    finding({ status: 'error', summary: 'The engine is gone.' })
  ];
  const state = {
    ...EMPTY,
    current: { kernel: 'go-demo', display: 'Go (conda env: demo)', id: '' },
    details: { [broken.id]: { ...broken, findings, task: '' } }
  };
  assert.deepEqual(statusItemWords(state, broken, NOW, trans), {
    text: 'Go 1.26.8 · demo · 1 error',
    status: 'error',
    sentence: 'Go of this notebook: Go 1.26.8, demo. The engine is gone.'
  });
});

const FRESH = finding({ checked_at: '2026-01-10T11:59:00Z' });
const DEEP_ERROR = finding({
  id: 'kernel.answers',
  status: 'error',
  summary: 'No kernel.',
  checked_at: '2026-01-10T09:00:00Z'
});

function knowing(findings: IFinding[]): IState {
  const details = { ...environment({ status: 'error' }), findings, task: '' };
  return { ...EMPTY, details: { [details.id]: details } };
}

test('what an earlier deep check found says so, wherever it is shown', () => {
  const all = [FRESH, DEEP_ERROR];
  const broken = environment({ status: 'error' });
  const words = earlierWords(DEEP_ERROR, all, NOW, trans);
  assert.equal(
    words,
    'Found 3 h ago by a deep check; a deep check looks again.'
  );
  assert.equal(earlierWords(FRESH, all, NOW, trans), '');
  assert.equal(
    cardWords(knowing(all), broken, NOW, trans),
    '1 error (3 h ago)'
  );
  const item = statusItemWords(knowing(all), broken, NOW, trans);
  assert.equal(item.text, 'Go 1.26.8 · demo · 1 error (3 h ago)');
  assert.match(item.sentence, /No kernel\. Found 3 h ago by a deep check/);
});

test('what was found anew among older ones is no old news', () => {
  const anew = finding({ ...FRESH, id: 'engine.built', status: 'error' });
  const words = cardWords(
    knowing([anew, DEEP_ERROR]),
    environment({ status: 'error' }),
    NOW,
    trans
  );
  assert.equal(words, '2 errors');
});

test('files looked at before the others are looked at again by any check', () => {
  const old = finding({ ...DEEP_ERROR, id: 'engine.built' });
  assert.equal(
    earlierWords(old, [FRESH, old], NOW, trans),
    'Found 3 h ago; a check looks again.'
  );
});

test('more than a day after an earlier check its findings count no more', () => {
  const broken = environment({ status: 'error' });
  const past = { ...DEEP_ERROR, checked_at: '2026-01-09T11:00:00Z' };
  const state = knowing([FRESH, past]);
  assert.equal(cardWords(state, broken, NOW, trans), 'fine');
  const item = statusItemWords(state, broken, NOW, trans);
  assert.deepEqual([item.text, item.status], ['Go 1.26.8 · demo', 'ok']);
  // A card that nobody checked since has nothing newer to go by.
  assert.equal(cardWords(knowing([past]), broken, NOW, trans), '1 error');
});

test('a Go outside of conda is called that, not by its version twice', () => {
  const embedded = environment({
    kind: 'goroot',
    name: '1.26.8',
    status: 'ok'
  });
  assert.equal(
    statusItemWords(EMPTY, embedded, NOW, trans).text,
    'Go 1.26.8 · Outside of conda'
  );
  assert.equal(
    nameWords(environment({ kind: 'machine' }), trans),
    'This machine'
  );
});

test('where nothing is known of the environment the status item has the name of the kernel', () => {
  const state = {
    ...EMPTY,
    current: { kernel: 'go-demo', display: 'Go (demo)', id: '' }
  };
  assert.equal(statusItemWords(state, null, NOW, trans).text, 'Go (demo)');
});

test("a kernel whose environment is gone, and no card with it, keeps the Hub's reason", () => {
  const hub = {
    environment: 'go-1.26',
    name: 'go-1.26',
    problem: 'Its prefix is no folder.',
    policy: []
  };
  const current = { kernel: 'go-server', display: 'Go (this server)', id: '' };
  const state = { ...EMPTY, hub, current: { ...current, fromHub: true } };
  assert.deepEqual(statusItemWords(state, null, NOW, trans), {
    text: 'Go (this server)',
    status: 'error',
    sentence: 'Its prefix is no folder.'
  });
  // Another kernel, of which nothing is known, has nothing to do with it.
  const other = { ...state, current };
  assert.equal(statusItemWords(other, null, NOW, trans).status, null);
});

test('a panel that can show nothing says why in one sentence', () => {
  assert.match(passiveWords('other', '7.0', trans), /jupyter-gokernel 7\.0/);
  assert.match(
    passiveWords('missing', '', trans),
    /^This server has no jupyter-gokernel, or it is switched off: install it .* or switch it on/
  );
  assert.deepEqual(passiveCommands('missing'), [
    'jupyter server extension enable go_kernel.server'
  ]);
  assert.deepEqual(passiveCommands('forbidden'), []);
  assert.match(passiveWords('forbidden', '', trans), /may not/);
  assert.equal(passiveWords('present', '', trans), '');
});

test('a failed request is a sentence with its remedy, also where the server said nothing', () => {
  const remedy = { text: 'Wait.', commands: [] };
  assert.equal(
    problemWords({ ...problem(429, 'Too much.'), remedy }, trans),
    'Too much. Wait.'
  );
  assert.equal(problemWords(problem(500, ''), trans), 'The request failed.');
});

test('what a JupyterHub decided is one line each', () => {
  const value = { name: 'GOSUMDB', value: 'off', origin: 'JupyterHub' };
  const hub = { environment: 'demo0', name: 'demo', problem: '', policy: [] };
  assert.equal(
    hubWords(hub, trans),
    "This server's Go was chosen by JupyterHub: demo"
  );
  assert.equal(hubWords({ ...hub, environment: '', name: '' }, trans), '');
  assert.match(
    hubWords({ ...hub, problem: 'It is gone.' }, trans),
    /chose demo/
  );
  assert.match(
    hubWords({ ...hub, name: '', problem: 'It is no name.' }, trans),
    /^What JupyterHub chose/
  );
  assert.equal(
    policyWords({ ...hub, policy: [value] }, trans),
    'JupyterHub sets 1 variable for kernels'
  );
  assert.equal(
    policyWords({ ...hub, policy: [value, value] }, trans),
    'JupyterHub sets 2 variables for kernels'
  );
});
