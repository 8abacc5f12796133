import * as React from 'react';

import { copyLater } from '../clipboard';
import { IProblem } from '../contract';
import { Button, Trouble } from './bits';
import { usePanel } from './context';

const COMMAND = 'jupyter gokernel doctor --report';
const COPIED_FOR = 3000;

type Copied = 'no' | 'busy' | 'yes';
type Problem = Pick<IProblem, 'message' | 'remedy'>;

/** The button that copies a report, and what to show where that failed. */
export function useCopyReport(): [JSX.Element, JSX.Element | null] {
  const { controller, trans } = usePanel();
  const [copied, setCopied] = React.useState<Copied>('no');
  const [problem, setProblem] = React.useState<Problem | null>(null);
  React.useEffect(() => {
    const timer =
      copied === 'yes'
        ? setTimeout(() => setCopied('no'), COPIED_FOR)
        : undefined;
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    setCopied('busy');
    setProblem(null);
    const answer = controller.report();
    const done = await copyLater(
      answer.then(one => (one.ok ? one.value : Promise.reject(one.problem)))
    );
    const said = await answer;
    setCopied(done ? 'yes' : 'no');
    if (!said.ok) {
      setProblem(said.problem);
    } else if (!done) {
      const message = trans.__('The browser does not let this page copy it.');
      const text = trans.__('A terminal prints the report:');
      setProblem({ message, remedy: { text, commands: [COMMAND] } });
    }
  };

  const button = (
    <>
      <Button
        label={copied === 'yes' ? trans.__('Copied') : trans.__('Copy report')}
        name={trans.__('Copy report')}
        title={trans.__(
          'What is known of all environments, to paste into an issue: without secrets and names.'
        )}
        disabled={copied === 'busy'}
        onClick={() => void copy()}
      />
      <span
        role="status"
        aria-live="polite"
        className="jp-gokernel-visuallyHidden"
      >
        {copied === 'yes' ? trans.__('Copied') : ''}
      </span>
    </>
  );
  const trouble = problem && (
    <Trouble problem={problem} onDismiss={() => setProblem(null)} />
  );
  return [button, trouble];
}
