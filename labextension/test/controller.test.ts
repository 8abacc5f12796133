import * as assert from 'node:assert/strict';
import { mock, test, TestContext } from 'node:test';

import { HEALTH_EVENTS, KERNEL_EVENTS } from '../src/contract';
import { Controller } from '../src/controller';
import { Store } from '../src/state';
import {
  environment,
  FakeServer,
  finding,
  MACHINE,
  problem,
  task
} from './fakes';

const NOTEBOOK = {
  kernel: 'go-demo',
  display: 'Go (conda env: demo)',
  id: ''
};
const RUNNING = { ...NOTEBOOK, id: 'k1' };
const OLD = '2020-01-01T00:00:00+00:00';

/** A controller of a server that checked a moment ago; time stands still. */
function world(t: TestContext): { server: FakeServer; controller: Controller } {
  mock.timers.enable({ apis: ['setTimeout'] });
  const server = new FakeServer();
  const controller = new Controller(new Store(), server);
  t.after(() => {
    controller.dispose();
    mock.timers.reset();
  });
  return { server, controller };
}

/** Let time pass, and what follows from it happen. */
async function pass(milliseconds: number): Promise<void> {
  mock.timers.tick(milliseconds);
  for (let i = 0; i < 20; i++) {
    await Promise.resolve();
  }
}

test('nothing is asked while neither the panel nor a Go notebook is in front', async t => {
  const { server, controller } = world(t);
  await controller.setCurrent(null);
  controller.onEvent({
    schema_id: HEALTH_EVENTS,
    action: 'checked',
    environment: 'demo0'
  });
  await pass(60000);
  assert.deepEqual(server.asked, []);
});

test('a hidden page asks for nothing, and catches up when it comes back', async t => {
  const { server, controller } = world(t);
  await controller.setCurrent(NOTEBOOK);
  await controller.setPageVisible(false);
  server.asked = [];
  controller.onEvent({
    schema_id: HEALTH_EVENTS,
    action: 'checked',
    environment: 'demo0'
  });
  await pass(60000);
  assert.deepEqual(server.asked, []);
  await controller.setPageVisible(true);
  assert.equal(server.count('environments'), 1);
});

test('a Go notebook fetches its environment; one of Python nothing', async t => {
  const { server, controller } = world(t);
  await controller.setCurrent(NOTEBOOK);
  assert.deepEqual(server.asked, [
    'health',
    'environments',
    'environment demo0'
  ]);
  assert.equal(controller.store.state.details.demo0.name, 'demo');
  await controller.setCurrent(null);
  await controller.setCurrent(null);
  assert.equal(server.asked.length, 3);
});

test('many events at once lead to one look', async t => {
  const { server, controller } = world(t);
  await controller.setVisible(true);
  server.asked = [];
  for (let i = 0; i < 100; i++) {
    controller.onEvent({
      schema_id: HEALTH_EVENTS,
      action: 'checked',
      environment: `${i}`
    });
  }
  await pass(1000);
  assert.equal(server.count('environments'), 1);
});

test('opening the panel checks all once, where the last check is too old', async t => {
  const { server, controller } = world(t);
  server.known = [MACHINE, environment({ checked_at: OLD })];
  await controller.setVisible(true);
  await controller.setVisible(false);
  await controller.setVisible(true);
  assert.equal(server.count('check all static'), 1);
});

test('nothing is checked by itself where it was checked lately, or the settings say no', async t => {
  const { server, controller } = world(t);
  await controller.setVisible(true);
  server.known = [environment({ checked_at: OLD })];
  controller.settings = { checkOnOpen: false, checkAge: 10 };
  await controller.setVisible(false);
  await controller.setVisible(true);
  await controller.setCurrent(NOTEBOOK);
  assert.equal(server.count('check'), 0);
});

test('a Go notebook whose environment was never checked has it checked', async t => {
  const { server, controller } = world(t);
  server.known = [MACHINE, environment({ checked_at: null })];
  await controller.setCurrent(NOTEBOOK);
  assert.equal(server.count('check demo0 static'), 1);
});

test('a task is followed by events, and asked for only where none come', async t => {
  const { server, controller } = world(t);
  await controller.setVisible(true);
  const preview = await controller.preview('demo0', 'engine.rebuild');
  assert.ok(preview.ok);
  assert.equal(await controller.fix('demo0', preview.value), null);
  server.asked = [];
  server.tasks.t1 = task({ progress: 'compiling' });
  controller.onEvent({
    schema_id: HEALTH_EVENTS,
    action: 'task',
    task: 't1',
    state: 'running'
  });
  await pass(200);
  assert.deepEqual(server.asked, ['task t1']);
  assert.equal(controller.store.state.tasks.t1.progress, 'compiling');
  await pass(3000); // an event came in this time
  assert.equal(server.count('task t1'), 1);
  await pass(3000); // and in this none
  assert.equal(server.count('task t1'), 2);
});

test('a task that ends brings the new findings and is asked for no more', async t => {
  const { server, controller } = world(t);
  await controller.setCurrent(NOTEBOOK);
  await controller.setVisible(true);
  const preview = await controller.preview('demo0', 'engine.rebuild');
  assert.ok(preview.ok);
  await controller.fix('demo0', preview.value);
  server.findings = [finding({ id: 'engine.built', summary: 'Built.' })];
  server.tasks.t1 = task({ state: 'done' });
  await pass(3000);
  await pass(1000);
  const { details, tasks } = controller.store.state;
  assert.equal(details.demo0.findings[0].summary, 'Built.');
  assert.equal(tasks.t1.state, 'done');
  server.asked = [];
  await pass(60000);
  assert.deepEqual(server.asked, []);
  controller.forget(tasks.t1);
  assert.deepEqual(controller.store.state.tasks, {});
});

test('a task that somebody else started is seen', async t => {
  const { server, controller } = world(t);
  server.tasks.t9 = task({ id: 't9' });
  await controller.setCurrent(NOTEBOOK);
  assert.equal(controller.store.state.tasks.t9.what, 'engine.rebuild');
});

test('nothing is polled once the panel is closed', async t => {
  const { server, controller } = world(t);
  await controller.setVisible(true);
  await controller.check('demo0', true);
  await controller.setVisible(false);
  server.asked = [];
  await pass(60000);
  assert.deepEqual(server.asked, []);
});

test('a task of a server that was started anew is gone', async t => {
  const { server, controller } = world(t);
  await controller.setVisible(true);
  await controller.check('demo0', true);
  server.tasks = {};
  await pass(3000);
  assert.deepEqual(controller.store.state.tasks, {});
});

test('cancelling shows how the task ended', async t => {
  const { controller } = world(t);
  await controller.setVisible(true);
  await controller.check('demo0', true);
  const [running] = Object.values(controller.store.state.tasks);
  await controller.cancel(running);
  assert.equal(controller.store.state.tasks[running.id].state, 'cancelled');
});

test('a refused request is a sentence where it was made, until it is dismissed', async t => {
  const { server, controller } = world(t);
  server.failing['check demo0 static'] = problem(429, '20 tasks wait already.');
  await controller.setVisible(true);
  await controller.check('demo0');
  assert.equal(
    controller.store.state.failures.demo0.message,
    '20 tasks wait already.'
  );
  controller.dismissFailure('demo0');
  assert.deepEqual(controller.store.state.failures, {});
});

test('a plan that changed is told to who confirmed it', async t => {
  const { server, controller } = world(t);
  server.failing['fix demo0 engine.rebuild abc'] = problem(
    409,
    'It has changed.'
  );
  const preview = await controller.preview('demo0', 'engine.rebuild');
  assert.ok(preview.ok);
  const said = await controller.fix('demo0', preview.value);
  assert.equal(said?.message, 'It has changed.');
  assert.deepEqual(controller.store.state.tasks, {});
});

test('without a server part nothing but its presence is asked for', async t => {
  const { server, controller } = world(t);
  server.failing.health = problem(404);
  await controller.setVisible(true);
  await controller.setCurrent(NOTEBOOK);
  assert.equal(controller.store.state.server, 'missing');
  assert.deepEqual(new Set(server.asked), new Set(['health']));
  delete server.failing.health;
  await controller.reconnect();
  assert.equal(controller.store.state.server, 'present');
  assert.equal(server.count('environments'), 1);
});

test('another API is not spoken to', async t => {
  const { server, controller } = world(t);
  server.api = 2;
  await controller.setVisible(true);
  assert.equal(controller.store.state.server, 'other');
  assert.deepEqual(server.asked, ['health']);
});

test('a kernel that died or failed is told of; one that started is not', async t => {
  const { controller } = world(t);
  for (const action of ['started', 'building', 'failed', 'died']) {
    controller.onEvent({
      schema_id: KERNEL_EVENTS,
      action,
      kernel_id: 'k',
      environment: 'demo',
      message: `it ${action}`
    });
  }
  const { notices } = controller.store.state;
  assert.deepEqual(
    notices.map(one => one.text),
    ['it failed', 'it died']
  );
  controller.dismiss(notices[0].id);
  assert.equal(controller.store.state.notices.length, 1);
});

test('variables are asked for once somebody opens them, and while a kernel runs', async t => {
  const { server, controller } = world(t);
  await controller.setVisible(true);
  await controller.setCurrent(NOTEBOOK);
  await controller.setVariablesOpen(true);
  assert.equal(server.count('variables'), 0);
  await controller.setCurrent(RUNNING);
  await controller.setVariablesOpen(true);
  assert.deepEqual(
    server.asked.filter(one => one.startsWith('variables')),
    ['variables k1']
  );
  assert.equal(controller.store.state.variables.kernel, 'k1');
  await controller.setVariablesOpen(false);
  await controller.setCurrent({ ...RUNNING, id: 'k2' });
  assert.equal(server.count('variables'), 1);
});

test('a kernel that starts fetches nothing else than its variables', async t => {
  const { server, controller } = world(t);
  await controller.setVisible(true);
  await controller.setCurrent(NOTEBOOK);
  server.asked = [];
  await controller.setCurrent(RUNNING);
  await controller.setVariablesOpen(true);
  assert.deepEqual(server.asked, ['variables k1']);
});

test('variables are fetched again after a restart, of the kernel in front only', async t => {
  const { server, controller } = world(t);
  await controller.setVisible(true);
  await controller.setCurrent(RUNNING);
  await controller.setVariablesOpen(true);
  const started = { schema_id: KERNEL_EVENTS, action: 'started' };
  controller.onEvent({ ...started, kernel_id: 'k9' });
  assert.equal(server.count('variables'), 1);
  controller.onEvent({ ...started, kernel_id: 'k1' });
  assert.equal(server.count('variables k1'), 2);
  await controller.setVisible(false);
  controller.onEvent({ ...started, kernel_id: 'k1' });
  assert.equal(server.count('variables k1'), 2);
  await controller.setVisible(true);
  assert.equal(server.count('variables k1'), 3);
});

test('an answer about variables that comes late does not hide a newer one', async t => {
  const { server, controller } = world(t);
  await controller.setVisible(true);
  await controller.setCurrent(RUNNING);
  const answers: (() => void)[] = [];
  const ask = server.variables.bind(server);
  server.variables = async kernel => {
    await new Promise<void>(come => answers.push(come));
    return ask(kernel);
  };
  const first = controller.setVariablesOpen(true);
  const second = controller.setCurrent({ ...RUNNING, id: 'k2' });
  answers[1]();
  await second;
  answers[0]();
  await first;
  assert.equal(controller.store.state.variables.kernel, 'k2');
});

test('a report is what the server says, or why it does not', async t => {
  const { server, controller } = world(t);
  assert.deepEqual(await controller.report(), {
    ok: true,
    value: '### jupyter gokernel doctor'
  });
  server.failing.report = problem(403);
  assert.equal((await controller.report()).ok, false);
});

test("events of others, and nonsense, are nobody's business", async t => {
  const { server, controller } = world(t);
  await controller.setVisible(true);
  server.asked = [];
  controller.onEvent({});
  controller.onEvent({
    schema_id: 'https://example.invalid/other/v1',
    action: 'checked'
  });
  await pass(1000);
  assert.deepEqual(server.asked, []);
});

test('what a JupyterHub decided comes with the environments', async t => {
  const { server, controller } = world(t);
  server.hub = { environment: 'demo0', name: 'demo', problem: '', policy: [] };
  await controller.setVisible(true);
  assert.deepEqual(controller.store.state.hub, server.hub);
  server.hub = null;
  await controller.refresh();
  assert.equal(controller.store.state.hub, null);
});
