import { Clipboard } from '@jupyterlab/apputils';
import * as React from 'react';

import { IProblem, Status } from '../contract';
import { statusIcons } from '../icons';
import { problemWords, statusWord } from '../words';
import { usePanel } from './context';

/** A status as a shape and a colour; the word for who sees neither is beside it or in here. */
export function StatusMark(props: {
  status: Status;
  said?: boolean;
}): JSX.Element {
  const { trans } = usePanel();
  const Icon = statusIcons[props.status] ?? statusIcons.unknown;
  return (
    <span className={`jp-gokernel-Mark jp-mod-${props.status}`}>
      <Icon.react tag="span" aria-hidden="true" />
      {!props.said && (
        <span className="jp-gokernel-visuallyHidden">
          {statusWord(props.status, trans)}
        </span>
      )}
    </span>
  );
}

interface IButton {
  label: string;
  onClick: () => void;
  /** What screen readers say, where the label alone doesn't tell. */
  name?: string;
  title?: string;
  disabled?: boolean;
  primary?: boolean;
  focus?: boolean;
}

export function Button(props: IButton): JSX.Element {
  const ref = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => {
    if (props.focus) {
      ref.current?.focus();
    }
  }, []);
  return (
    <button
      ref={ref}
      type="button"
      className={`jp-gokernel-Button${props.primary ? ' jp-mod-primary' : ''}`}
      onClick={() => !props.disabled && props.onClick()}
      aria-label={props.name}
      // Not `disabled`: that would throw the keyboard's focus away.
      aria-disabled={props.disabled || undefined}
      title={props.title}
    >
      {props.label}
    </button>
  );
}

/** A command with a button that copies it. */
export function Command(props: { command: string }): JSX.Element {
  const { trans } = usePanel();
  const [copied, setCopied] = React.useState(false);
  React.useEffect(() => {
    const timer = copied ? setTimeout(() => setCopied(false), 3000) : undefined;
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    Clipboard.copyToSystem(props.command);
    setCopied(true);
  };
  return (
    <div className="jp-gokernel-Command">
      <code>{props.command}</code>
      <Button
        label={copied ? trans.__('Copied') : trans.__('Copy')}
        name={trans.__('Copy the command %1', props.command)}
        onClick={copy}
      />
      <span role="status" className="jp-gokernel-visuallyHidden">
        {copied ? trans.__('Copied') : ''}
      </span>
    </div>
  );
}

/** A sentence about something that failed, which goes when it is dismissed. */
export function Trouble(props: {
  problem: Pick<IProblem, 'message' | 'remedy'>;
  status?: Status;
  onDismiss?: () => void;
}): JSX.Element {
  const { trans } = usePanel();
  const status = props.status ?? 'error';
  return (
    <div className={`jp-gokernel-Trouble jp-mod-${status}`}>
      <StatusMark status={status} />
      <div className="jp-gokernel-grow" role="alert">
        {problemWords(props.problem, trans)}
        {props.problem.remedy?.commands?.map(one => (
          <Command key={one} command={one} />
        ))}
      </div>
      {props.onDismiss && <Dismiss onDismiss={props.onDismiss} />}
    </div>
  );
}

export function Dismiss(props: { onDismiss: () => void }): JSX.Element {
  const { trans } = usePanel();
  return (
    <Button label="×" name={trans.__('Dismiss')} onClick={props.onDismiss} />
  );
}
