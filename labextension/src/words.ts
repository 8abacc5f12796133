/** Ages, statuses and counts in words.  Pure; the translation comes in. */

import {
  IEnvironment,
  IFinding,
  IOverridden,
  IProblem,
  Risk,
  Status
} from './contract';
import { age, IState, notable, Server } from './state';

/** The part of Jupyter's TranslationBundle that is used. */
export interface ITrans {
  __(text: string, ...args: unknown[]): string;
  _n(one: string, many: string, n: number, ...args: unknown[]): string;
}

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
      return trans.__('not applicable');
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

/** "12 fine, 3 not applicable". */
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
    skipped > 0 ? trans.__('%1 not applicable', skipped) : ''
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
        'This server has no jupyter-gokernel: install it into the Python that runs Jupyter, and start the server again.'
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
  trans: ITrans
): { text: string; status: Status | null; sentence: string } {
  if (environment === null) {
    const display = state.current?.display ?? '';
    return { text: display, status: null, sentence: display };
  }
  const { status } = environment;
  const name = nameWords(environment, trans);
  const findings = state.details[environment.id]?.findings ?? [];
  const go = environment.go_version
    ? trans.__('Go %1', environment.go_version)
    : trans.__('no Go');
  const parts = [go, name];
  if (status === 'error' || status === 'warn') {
    parts.push(verdict(findings, status, trans));
  }
  const first = notable(findings)[0]?.summary ?? statusWord(status, trans);
  return {
    text: parts.join(' · '),
    status,
    sentence: trans.__('Go of this notebook: %1, %2. %3', go, name, first)
  };
}
