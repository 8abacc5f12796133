import * as React from 'react';

import { hubWords, policyWords } from '../words';
import { StatusMark } from './bits';
import { usePanel } from './context';
import { VariablesTable } from './variables';

/** What a JupyterHub decided for this server: its Go, and variables for kernels. */
export function Hub(): JSX.Element | null {
  const { state, trans } = usePanel();
  const { hub } = state;
  if (hub === null) {
    return null;
  }
  const words = hubWords(hub, trans);
  const title = policyWords(hub, trans);
  return (
    <section className="jp-gokernel-Hub" aria-label="JupyterHub">
      {words && (
        <p className="jp-gokernel-HubChoice">
          <StatusMark status={hub.problem ? 'error' : 'ok'} said />
          <span className="jp-gokernel-grow">{words}</span>
        </p>
      )}
      {hub.problem && <p className="jp-gokernel-problem">{hub.problem}</p>}
      {hub.policy.length > 0 && (
        <details>
          <summary>{title}</summary>
          <VariablesTable
            rows={hub.policy.map(one => ({ ...one, overrode: [] }))}
            title={title}
          />
          <p className="jp-gokernel-hint">
            {trans.__('Ask its administrator where you need other values.')}
          </p>
        </details>
      )}
    </section>
  );
}
