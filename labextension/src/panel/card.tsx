import * as React from 'react';

import { IDetails, IEnvironment, IFinding } from '../contract';
import {
  currentEnvironment,
  fine,
  INotice,
  isChecking,
  isOpen,
  isPast,
  notable,
  noticesOf,
  statusOf,
  tasksOf
} from '../state';
import { cardWords, checkedWords, fineWords, nameWords } from '../words';
import { Button, Dismiss, StatusMark, Trouble } from './bits';
import { usePanel } from './context';
import { FindingView } from './finding';
import { FixButton } from './fix';
import { TaskView } from './task';
import { Variables } from './variables';

/** One environment: what it is, how it is, and what was found. */
export function Card(props: { environment: IEnvironment }): JSX.Element {
  const { state, controller, trans, now } = usePanel();
  const { environment } = props;
  const { id } = environment;
  const open = isOpen(state, environment);
  const failure = state.failures[id];
  const body = `jp-gokernel-body-${id}`;
  const isCurrent = currentEnvironment(state)?.id === id;
  return (
    <section
      className={[
        'jp-gokernel-Card',
        isCurrent ? 'jp-mod-current' : '',
        open ? 'jp-mod-open' : ''
      ].join(' ')}
      aria-labelledby={`jp-gokernel-name-${id}`}
      data-environment={id}
    >
      <h3>
        <button
          type="button"
          className="jp-gokernel-Head"
          aria-expanded={open}
          aria-controls={body}
          onClick={() => void controller.setOpen(id, !open)}
        >
          <span className="jp-gokernel-Caret" aria-hidden="true" />
          <StatusMark status={statusOf(state, environment, now)} said />
          <span className="jp-gokernel-grow" id={`jp-gokernel-name-${id}`}>
            <span className="jp-gokernel-name">
              {nameWords(environment, trans)}
            </span>{' '}
            <span className="jp-gokernel-version">
              {goOf(environment, trans.__.bind(trans))}
            </span>
          </span>
          <span className="jp-gokernel-verdict">
            {cardWords(state, environment, now, trans)
              .split(/ (?=\()/)
              .map((part, index) => (
                <React.Fragment key={index}>
                  {index > 0 && ' '}
                  <span>{part}</span>
                </React.Fragment>
              ))}
          </span>
        </button>
      </h3>
      <p className="jp-gokernel-hint">
        {isCurrent && (
          <span className="jp-gokernel-badge">{trans.__('this notebook')}</span>
        )}
        {isCurrent && ' '}
        {state.hub?.environment === id && (
          <span className="jp-gokernel-badge">
            {trans.__('chosen by JupyterHub')}
          </span>
        )}
        {state.hub?.environment === id && ' '}
        {checkedWords(environment.checked_at, now, trans)}
      </p>
      {noticesOf(state, environment).map(one => (
        <NoticeView key={one.id} notice={one} />
      ))}
      {tasksOf(state, id).map(task => (
        <TaskView key={task.id} task={task} />
      ))}
      {failure && (
        <Trouble
          problem={failure}
          onDismiss={() => controller.dismissFailure(id)}
        />
      )}
      <div id={body} hidden={!open}>
        {open && (
          <Body
            environment={environment}
            details={state.details[id]}
            isCurrent={isCurrent}
          />
        )}
      </div>
    </section>
  );
}

function Body(props: {
  environment: IEnvironment;
  details: IDetails | undefined;
  isCurrent: boolean;
}): JSX.Element {
  const { environment, details, isCurrent } = props;
  return (
    <>
      {environment.problem && !details?.findings.length && (
        <p className="jp-gokernel-problem">{environment.problem}</p>
      )}
      <Facts environment={environment} />
      <Actions environment={environment} />
      {details && <Findings details={details} />}
      {isCurrent && <Variables />}
    </>
  );
}

function Facts(props: { environment: IEnvironment }): JSX.Element | null {
  const { trans } = usePanel();
  const { place, kernels } = props.environment;
  if (!place && kernels.length === 0) {
    return null;
  }
  return (
    <dl className="jp-gokernel-Facts">
      {place && <dt>{trans.__('Place')}</dt>}
      {place && <dd className="jp-gokernel-place">{place}</dd>}
      {kernels.length > 0 && (
        <dt>{trans._n('Kernel', 'Kernels', kernels.length)}</dt>
      )}
      {kernels.map(one => (
        <dd key={one.name} title={one.name}>
          {one.display_name}{' '}
          <span className="jp-gokernel-hint">{one.engine}</span>
        </dd>
      ))}
    </dl>
  );
}

function Actions(props: { environment: IEnvironment }): JSX.Element {
  const { state, controller, trans } = usePanel();
  const { id, go_version, kernels } = props.environment;
  const name = nameWords(props.environment, trans);
  const busy = isChecking(state, id);
  return (
    <div className="jp-gokernel-Buttons">
      <Button
        label={trans.__('Check')}
        name={trans.__('Check %1', name)}
        title={trans.__('Looks at files; starts nothing.')}
        disabled={busy}
        onClick={() => void controller.check(id)}
      />
      <Button
        label={trans.__('Deep check')}
        name={trans.__('Deep check of %1', name)}
        title={trans.__(
          'Starts kernels, compiles and imports, asks module proxies; takes a while.'
        )}
        disabled={busy}
        onClick={() => void controller.check(id, true)}
      />
      {go_version && kernels.length > 0 && (
        <FixButton
          environment={id}
          fix="engine.rebuild"
          label={trans.__('Rebuild the engine…')}
          name={trans.__('Rebuild the engine of %1', name)}
        />
      )}
      {go_version && kernels.length === 0 && (
        <FixButton
          environment={id}
          fix="kernelspec.install"
          label={trans.__('Install a kernel…')}
          name={trans.__('Install a kernel for %1', name)}
        />
      )}
    </div>
  );
}

function Findings(props: { details: IDetails }): JSX.Element | null {
  const { trans, now } = usePanel();
  const { id, findings } = props.details;
  const past = (one: IFinding) => isPast(one, findings, now);
  const all = notable(findings);
  const troubles = [...all.filter(one => !past(one)), ...all.filter(past)];
  const others = fine(findings);
  return (
    <>
      {troubles.length > 0 && (
        <ul className="jp-gokernel-Findings">
          {troubles.map((one, index) => (
            <FindingView
              key={keyOf(findings, one, index)}
              finding={one}
              all={findings}
              environment={id}
            />
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <details className="jp-gokernel-Fine">
          <summary>{fineWords(others, trans)}</summary>
          <ul className="jp-gokernel-Findings">
            {others.map((one, index) => (
              <FindingView
                key={keyOf(findings, one, index)}
                finding={one}
                all={findings}
                environment={id}
              />
            ))}
          </ul>
        </details>
      )}
      {findings.length === 0 && (
        <p className="jp-gokernel-hint">
          {trans.__('Nothing was looked at yet.')}
        </p>
      )}
    </>
  );
}

/** Stays the same when others come and go, so that an open preview stays open. */
function keyOf(
  all: IDetails['findings'],
  one: IDetails['findings'][number],
  index: number
): string {
  const alike = all.filter(
    other => other.id === one.id && other.kernel === one.kernel
  );
  return alike.length > 1
    ? `${one.id} ${one.kernel} ${index}`
    : `${one.id} ${one.kernel}`;
}

function NoticeView(props: { notice: INotice }): JSX.Element {
  const { controller } = usePanel();
  return (
    <div className="jp-gokernel-Trouble jp-mod-warn">
      <StatusMark status="warn" />
      <div className="jp-gokernel-grow" role="status">
        {props.notice.text}
      </div>
      <Dismiss onDismiss={() => controller.dismiss(props.notice.id)} />
    </div>
  );
}

type Translate = (text: string, ...args: unknown[]) => string;

function goOf(environment: IEnvironment, __: Translate): string {
  if (environment.kind === 'machine') {
    return '';
  }
  return environment.go_version
    ? __('Go %1', environment.go_version)
    : __('no Go');
}
