import * as React from 'react';

import { Answer, IPreview, IProblem } from '../contract';
import { riskWords } from '../words';
import { Button, Trouble } from './bits';
import { usePanel } from './context';

interface IFix {
  environment: string;
  fix: string;
  /** What the button says, and to screen readers. */
  label: string;
  name: string;
  title?: string;
}

/** A button that shows what a fix would do, and does it when that is confirmed. */
export function FixButton(props: IFix): JSX.Element {
  const { controller } = usePanel();
  const [answer, setAnswer] = React.useState<Answer<IPreview> | null>(null);
  const [asking, setAsking] = React.useState(false);
  const alive = React.useRef(true);
  const opener = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);

  const look = async () => {
    setAsking(true);
    const got = await controller.preview(props.environment, props.fix);
    if (alive.current) {
      setAnswer(got);
      setAsking(false);
    }
  };
  const close = () => {
    setAnswer(null);
    // Back to where the keyboard was.
    opener.current?.querySelector('button')?.focus();
  };
  const apply = async (preview: IPreview) => {
    const problem = await controller.fix(props.environment, preview);
    if (!alive.current) {
      return;
    }
    // The keyboard goes on to the task, which takes it.
    setAnswer(problem === null ? null : { ok: false, problem });
  };

  return (
    <div className="jp-gokernel-Fix" ref={opener}>
      <Button
        label={props.label}
        name={props.name}
        title={props.title}
        disabled={asking}
        onClick={() => void (answer ? close() : look())}
      />
      {answer?.ok && (
        <Preview preview={answer.value} onConfirm={apply} onCancel={close} />
      )}
      {answer && !answer.ok && (
        <NotNow problem={answer.problem} onDismiss={close} />
      )}
    </div>
  );
}

/** That nothing needs doing is no trouble. */
function NotNow(props: {
  problem: IProblem;
  onDismiss: () => void;
}): JSX.Element {
  const fine = props.problem.reason === 'health.nothing-to-fix';
  return (
    <Trouble
      problem={fine ? { ...props.problem, remedy: null } : props.problem}
      status={fine ? 'ok' : 'error'}
      onDismiss={props.onDismiss}
    />
  );
}

function Preview(props: {
  preview: IPreview;
  onConfirm: (preview: IPreview) => Promise<void>;
  onCancel: () => void;
}): JSX.Element {
  const { trans } = usePanel();
  const [busy, setBusy] = React.useState(false);
  const { title, preview, risk } = props.preview;
  const confirm = async () => {
    setBusy(true);
    await props.onConfirm(props.preview);
  };
  return (
    <div
      className="jp-gokernel-Preview"
      role="group"
      aria-label={title}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          props.onCancel();
        }
      }}
    >
      <h4>{title}</h4>
      <p className="jp-gokernel-hint">{trans.__('This would be done:')}</p>
      <ul>
        {preview
          .split('\n')
          .filter(Boolean)
          .map((line, index) => (
            <li key={index}>{line}</li>
          ))}
      </ul>
      <p className={`jp-gokernel-risk jp-mod-${risk}`}>
        {riskWords(risk, trans)}
      </p>
      <div className="jp-gokernel-Buttons">
        <Button
          primary
          focus
          label={trans.__('Do it')}
          name={trans.__('Do it: %1', title)}
          disabled={busy}
          onClick={() => void confirm()}
        />
        <Button label={trans.__('Cancel')} onClick={props.onCancel} />
      </div>
    </div>
  );
}
