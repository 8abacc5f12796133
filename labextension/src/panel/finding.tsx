import * as React from 'react';

import { IFinding } from '../contract';
import { age, isPast } from '../state';
import { agoWords, earlierWords, statusWord } from '../words';
import { Command, StatusMark } from './bits';
import { usePanel } from './context';
import { FixButton } from './fix';

/** One finding: what is, what was seen, what to do, and a repair of ours. */
export function FindingView(props: {
  finding: IFinding;
  /** All of its environment's: whether it is of an earlier check. */
  all: readonly IFinding[];
  environment: string;
}): JSX.Element {
  const { trans, now } = usePanel();
  const { finding, all } = props;
  const earlier = earlierWords(finding, all, now, trans);
  const past = isPast(finding, all, now) ? ' jp-mod-past' : '';
  return (
    <li
      className={`jp-gokernel-Finding jp-mod-${finding.status}${past}`}
      data-check={finding.id}
    >
      <StatusMark status={finding.status} />
      <div className="jp-gokernel-grow">
        <p className="jp-gokernel-summary">{finding.summary}</p>
        <p className="jp-gokernel-hint">
          {[finding.id, finding.kernel].filter(Boolean).join(' · ')}
        </p>
        {earlier && <p className="jp-gokernel-last">{earlier}</p>}
        <Last finding={finding} />
        {finding.evidence && (
          <details className="jp-gokernel-Evidence">
            <summary>{trans.__('What was seen')}</summary>
            <pre
              role="group"
              tabIndex={0}
              aria-label={trans.__('What was seen by %1', finding.id)}
            >
              {finding.evidence}
            </pre>
          </details>
        )}
        {finding.remedy && (
          <div className="jp-gokernel-Remedy">
            <p>{finding.remedy.text}</p>
            {finding.remedy.commands.map(one => (
              <Command key={one} command={one} />
            ))}
          </div>
        )}
        {finding.fix && (
          <FixButton
            environment={props.environment}
            fix={finding.fix.id}
            label={trans.__('Fix…')}
            name={trans.__('Fix: %1', finding.summary)}
          />
        )}
      </div>
    </li>
  );
}

/** What was found the last time, where nothing could be found out now. */
function Last(props: { finding: IFinding }): JSX.Element | null {
  const { trans, now } = usePanel();
  const last = props.finding.last;
  if (!last) {
    return null;
  }
  const ago = agoWords(age(last.checked_at, now), trans);
  const word = statusWord(last.status, trans);
  return (
    <p className="jp-gokernel-last">
      {trans.__('Last known, %1: %2. %3', ago, word, last.summary)}
    </p>
  );
}
