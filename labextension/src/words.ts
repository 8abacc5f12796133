/** Ages, statuses and counts in words.  Pure; the translation comes in. */

import {
  DEEP,
  IEnvironment,
  IFinding,
  IHub,
  IOverridden,
  IProblem,
  Risk,
  Status
} from './contract';
import {
  age,
  counted,
  isEarlier,
  IState,
  notable,
  Server,
  statusOf
} from './state';

/** The part of Jupyter's TranslationBundle that is used. */
export interface ITrans {
  __(text: string, ...args: unknown[]): string;
  _n(one: string, many: string, n: number, ...args: unknown[]): string;
}

const TROUBLES: ReadonlySet<Status> = new Set(['error', 'warn', 'info']);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function statusWord(status: Status, trans: ITrans): string {
  switch (status) {
    case 'ok':
      return trans.__('fine');
    case 'info':
      return trans.__('note');
    case 'warn':
      return trans.__('warning');
    case 'error':
      return trans.__('error');
    case 'skipped':
      return trans.__('not looked at');
    default:
      return trans.__('unknown');
  }
}

/** "2 errors": how many findings are as bad as the worst; the word where all is well. */
export function verdict(
  findings: readonly IFinding[],
  status: Status,
  trans: ITrans
): string {
  const n = findings.filter(one => one.status === status).length;
  switch (n > 0 ? status : '') {
    case 'error':
      return trans._n('%1 error', '%1 errors', n, n);
    case 'warn':
      return trans._n('%1 warning', '%1 warnings', n, n);
    case 'info':
      return trans._n('%1 note', '%1 notes', n, n);
    default:
      return statusWord(status, trans);
  }
}

/** As `verdict`, of what counts; "1 error (3 h ago)" where no check since looked for it. */
export function cardWords(
  state: IState,
  environment: IEnvironment,
  now: number,
  trans: ITrans
): string {
  const findings = state.details[environment.id]?.findings ?? [];
  const status = statusOf(state, environment, now);
  const found = counted(findings, now);
  const words = verdict(found, status, trans);
  const worst = found.filter(one => one.status === status);
  if (!TROUBLES.has(status) || !worst.length) {
    return words;
  }
  if (!worst.every(one => isEarlier(one, findings))) {
    return words;
  }
  const youngest = Math.min(...worst.map(one => age(one.checked_at, now)));
  return trans.__('%1 (%2)', words, agoWords(youngest, trans));
}

/** "Found 3 h ago by a deep check; …" of a finding that is older than others; else "". */
export function earlierWords(
  finding: IFinding,
  findings: readonly IFinding[],
  now: number,
  trans: ITrans
): string {
  if (!isEarlier(finding, findings)) {
    return '';
  }
  const ago = agoWords(age(finding.checked_at, now), trans);
  return DEEP.has(finding.id)
    ? trans.__('Found %1 by a deep check; a deep check looks again.', ago)
    : trans.__('Found %1; a check looks again.', ago);
}

export function riskWords(risk: Risk, trans: ITrans): string {
  switch (risk) {
    case 'none':
      return trans.__(
        'No risk: it makes what is missing, and takes nothing away.'
      );
    case 'low':
      return trans.__('Low risk: it replaces what can be made again.');
    default:
      return trans.__('Some risk: it changes a decision that somebody made.');
  }
}

/** "checked 3 min ago". */
export function checkedWords(
  checkedAt: string | null,
  now: number,
  trans: ITrans
): string {
  const old = age(checkedAt, now);
  if (old === Infinity) {
    return trans.__('not checked yet');
  }
  if (old < MINUTE) {
    return trans.__('checked just now');
  }
  return trans.__('checked %1', agoWords(old, trans));
}

/** "3 min ago", for milliseconds. */
export function agoWords(old: number, trans: ITrans): string {
  if (old < MINUTE) {
    return trans.__('just now');
  }
  if (old < HOUR) {
    return trans.__('%1 min ago', Math.floor(old / MINUTE));
  }
  if (old < DAY) {
    return trans.__('%1 h ago', Math.floor(old / HOUR));
  }
  const days = Math.floor(old / DAY);
  return trans._n('%1 day ago', '%1 days ago', days, days);
}

/** "12 checks are fine, 3 were not looked at". */
export function fineWords(
  findings: readonly IFinding[],
  trans: ITrans
): string {
  const skipped = findings.filter(one => one.status === 'skipped').length;
  const good = findings.length - skipped;
  const parts = [
    good > 0
      ? trans._n('%1 check is fine', '%1 checks are fine', good, good)
      : '',
    skipped > 0
      ? trans._n(
          '%1 was not looked at',
          '%1 were not looked at',
          skipped,
          skipped
        )
      : ''
  ];
  return parts.filter(Boolean).join(', ');
}

/** The one sentence of a panel that can't show anything; "" where it can. */
export function passiveWords(
  server: Server,
  version: string,
  trans: ITrans
): string {
  switch (server) {
    case 'missing':
      return trans.__(
        'This server has no jupyter-gokernel, or it is switched off: install it into the Python that runs Jupyter, or switch it on as below, and start the server again.'
      );
    case 'forbidden':
      return trans.__('You may not see the Go environments of this server.');
    case 'other':
      return trans.__(
        'This panel does not understand the jupyter-gokernel %1 of this server: reload the page, or install the same version of both.',
        version
      );
    case 'unreachable':
      return trans.__('The server does not answer.');
    default:
      return '';
  }
}

/** What to type where a panel can't show anything. */
export function passiveCommands(server: Server): string[] {
  return server === 'missing'
    ? ['jupyter server extension enable go_kernel.server']
    : [];
}

/** Sentence and remedy of a request that failed. */
export function problemWords(
  problem: Pick<IProblem, 'message' | 'remedy'>,
  trans: ITrans
): string {
  const remedy = problem.remedy?.text ?? '';
  return [problem.message || trans.__('The request failed.'), remedy]
    .filter(Boolean)
    .join(' ');
}

/** What an environment is called; a Go outside of conda has a version and a place only. */
export function nameWords(
  environment: Pick<IEnvironment, 'name' | 'kind'>,
  trans: ITrans
): string {
  switch (environment.kind) {
    case 'machine':
      return trans.__('This machine');
    case 'goroot':
      return trans.__('Outside of conda');
    default:
      return environment.name;
  }
}

/** A variable's value; the same words as `jupyter gokernel env`. */
export function valueWords(value: string | null, trans: ITrans): string {
  if (value === null) {
    return trans.__('(unset)');
  }
  return value || trans.__('(empty)');
}

/** "was /usr/local/go: Go's own files". */
export function overrodeWords(old: IOverridden, trans: ITrans): string {
  return trans.__('was %1 (%2)', valueWords(old.value, trans), old.origin);
}

/** What the status item says: short text, and the sentence behind it. */
export function statusItemWords(
  state: IState,
  environment: IEnvironment | null,
  now: number,
  trans: ITrans
): { text: string; status: Status | null; sentence: string } {
  if (environment === null) {
    const display = state.current?.display ?? '';
    const problem = state.current?.fromHub ? state.hub?.problem : '';
    if (problem) {
      return { text: display, status: 'error', sentence: problem };
    }
    return { text: display, status: null, sentence: display };
  }
  const status = statusOf(state, environment, now);
  const name = nameWords(environment, trans);
  const findings = state.details[environment.id]?.findings ?? [];
  const go = environment.go_version
    ? trans.__('Go %1', environment.go_version)
    : trans.__('no Go');
  const parts = [go, name];
  if (status === 'error' || status === 'warn') {
    parts.push(cardWords(state, environment, now, trans));
  }
  const [first] = notable(counted(findings, now));
  const said = first
    ? [first.summary, earlierWords(first, findings, now, trans)]
    : [statusWord(status, trans)];
  return {
    text: parts.join(' · '),
    status,
    sentence: trans.__(
      'Go of this notebook: %1, %2. %3',
      go,
      name,
      said.filter(Boolean).join(' ')
    )
  };
}

/** What a JupyterHub decided about this server's Go; "" where it chose none. */
export function hubWords(hub: IHub, trans: ITrans): string {
  if (hub.problem) {
    return hub.name
      ? trans.__(
          "JupyterHub chose %1 for this server, and it can't be used.",
          hub.name
        )
      : trans.__("What JupyterHub chose for this server can't be used.");
  }
  return hub.name
    ? trans.__("This server's Go was chosen by JupyterHub: %1", hub.name)
    : '';
}

/** How many variables it sets. */
export function policyWords(hub: IHub, trans: ITrans): string {
  const n = hub.policy.length;
  return trans._n(
    'JupyterHub sets %1 variable for kernels',
    'JupyterHub sets %1 variables for kernels',
    n,
    n
  );
}
