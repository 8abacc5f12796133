import * as React from 'react';

import { ITask } from '../contract';
import { Controller } from '../controller';
import { age, isOver, notable, worst } from '../state';
import { agoWords, ITrans, verdict } from '../words';
import { Button, Dismiss, StatusMark, Trouble } from './bits';
import { usePanel } from './context';

/** What is being done: its progress while it lasts, then how it ended. */
export function TaskView(props: { task: ITask }): JSX.Element {
  const { controller, trans, now } = usePanel();
  const { task } = props;
  const title = taskTitle(task, controller, trans);
  const over = isOver(task);
  const sentence = taskSentence(task, title, trans);
  // The keyboard's focus would be lost with the button that was pressed.
  const ref = React.useRef<HTMLDivElement>(null);
  const wasOver = React.useRef(over);
  React.useEffect(() => {
    if (controller.wasJustBegun(task.id)) {
      ref.current?.focus();
    }
  }, []);
  React.useEffect(() => {
    if (
      over &&
      !wasOver.current &&
      ref.current?.contains(document.activeElement)
    ) {
      ref.current.focus();
    }
    wasOver.current = over;
  }, [over]);
  return (
    <div
      className="jp-gokernel-Task"
      role="group"
      tabIndex={-1}
      ref={ref}
      aria-label={title}
      data-state={task.state}
    >
      <div className="jp-gokernel-Row">
        {over ? (
          <StatusMark status={outcome(task)} said />
        ) : (
          <span className="jp-gokernel-Spinner" aria-hidden="true" />
        )}
        <span className="jp-gokernel-grow" title={sentence}>
          <span role="status" aria-live="polite">
            {sentence}
          </span>{' '}
          {task.ended_at && (
            <span className="jp-gokernel-hint">
              {agoWords(age(task.ended_at, now), trans)}
            </span>
          )}
        </span>
        {over ? (
          <Dismiss onDismiss={() => controller.forget(task)} />
        ) : (
          <Button
            label={trans.__('Cancel')}
            name={trans.__('Cancel: %1', title)}
            onClick={() => void controller.cancel(task)}
          />
        )}
      </div>
      {task.error && <Trouble problem={task.error} />}
      <Lines lines={task.lines} />
    </div>
  );
}

function Lines(props: { lines: readonly string[] }): JSX.Element | null {
  const { trans } = usePanel();
  const ref = React.useRef<HTMLPreElement>(null);
  const last = props.lines[props.lines.length - 1];
  React.useEffect(() => {
    if (ref.current) {
      ref.current.scrollTop = ref.current.scrollHeight;
    }
  }, [last]);
  if (props.lines.length < 2) {
    return null;
  }
  return (
    <details className="jp-gokernel-Evidence">
      <summary>
        {trans._n(
          '%1 line',
          '%1 lines',
          props.lines.length,
          props.lines.length
        )}
      </summary>
      <pre
        ref={ref}
        tabIndex={0}
        role="group"
        aria-label={trans.__('Progress')}
      >
        {props.lines.join('\n')}
      </pre>
    </details>
  );
}

function outcome(task: ITask): 'ok' | 'warn' | 'error' | 'skipped' {
  if (task.state !== 'done') {
    return task.state === 'failed' ? 'error' : 'skipped';
  }
  return notable(task.findings).some(one => one.status === 'error')
    ? 'warn'
    : 'ok';
}

function taskTitle(task: ITask, controller: Controller, trans: ITrans): string {
  if (task.kind === 'fix') {
    return controller.titleOf(task.what);
  }
  return task.what === 'deep' ? trans.__('Deep check') : trans.__('Check');
}

function taskSentence(task: ITask, title: string, trans: ITrans): string {
  switch (task.state) {
    case 'queued':
      return trans.__('%1: waits for its turn.', title);
    case 'running':
      return trans.__(
        '%1: %2',
        title,
        task.progress || trans.__('under way …')
      );
    case 'failed':
      return trans.__('%1: failed.', title);
    case 'cancelled':
      return trans.__('%1: cancelled.', title);
    default: {
      if (task.kind === 'checks') {
        const status = worst(task.findings)?.status ?? 'unknown';
        const found = verdict(task.findings, status, trans);
        return trans.__('%1: done, %2.', title, found);
      }
      const left = notable(task.findings)[0];
      return left
        ? trans.__('%1: done. Checked again: %2', title, left.summary)
        : trans.__('%1: done, and checked again: fine.', title);
    }
  }
}
