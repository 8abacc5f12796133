import * as React from 'react';

import { IRow, variablesView } from '../state';
import { overrodeWords, valueWords } from '../words';
import { Trouble } from './bits';
import { usePanel } from './context';

/** What the notebook's kernel got, fetched once somebody opens it. */
export function Variables(): JSX.Element {
  const { state, controller, trans } = usePanel();
  const { open } = state.variables;
  return (
    <details
      className="jp-gokernel-Variables"
      open={open}
      onToggle={event =>
        void controller.setVariablesOpen(event.currentTarget.open)
      }
    >
      <summary>{trans.__('Variables of this kernel')}</summary>
      {open && <Content />}
    </details>
  );
}

function Content(): JSX.Element {
  const { state, trans } = usePanel();
  const view = variablesView(state);
  switch (view.kind) {
    case 'rows':
      return (
        <VariablesTable
          rows={view.rows}
          title={trans.__('Variables of this kernel')}
        />
      );
    case 'failed':
      return <Trouble problem={view.problem} />;
    default:
      return (
        <p className="jp-gokernel-hint" role="status">
          {view.kind === 'none'
            ? trans.__('This notebook has no kernel that runs.')
            : trans.__('Asking …')}
        </p>
      );
  }
}

/** Roles are said, because a narrow panel lays the cells out as blocks. */
export function VariablesTable(props: {
  rows: readonly IRow[];
  title: string;
}): JSX.Element {
  const { trans } = usePanel();
  const { title } = props;
  return (
    <div
      className="jp-gokernel-VariablesBox"
      role="group"
      tabIndex={0}
      aria-label={title}
    >
      <table role="table" aria-label={title}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader">{trans.__('Name')}</th>
            <th role="columnheader">{trans.__('Value')}</th>
            <th role="columnheader">{trans.__('Origin')}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {props.rows.map(row => (
            <Row key={row.name} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: { row: IRow }): JSX.Element {
  const { trans } = usePanel();
  const { name, value, origin, overrode } = props.row;
  return (
    <tr role="row" data-variable={name}>
      <th role="rowheader">
        {name.split(/(?<=_)/).map((part, index) => (
          <React.Fragment key={index}>
            {index > 0 && <wbr />}
            {part}
          </React.Fragment>
        ))}
      </th>
      <td role="cell">
        {value ? (
          value
        ) : (
          <span className="jp-gokernel-muted">{valueWords(value, trans)}</span>
        )}
        {overrode.map((old, index) => (
          <div key={index} className="jp-gokernel-muted">
            {overrodeWords(old, trans)}
          </div>
        ))}
      </td>
      <td role="cell">{origin}</td>
    </tr>
  );
}
