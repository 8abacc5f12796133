import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Controller } from '../controller';
import { goIcon } from '../icons';
import { isChecking, noticesOf, shown, tasksOf } from '../state';
import { ITrans, passiveCommands, passiveWords } from '../words';
import { Button, Command, Trouble } from './bits';
import { Card } from './card';
import { PanelContext, usePanel } from './context';
import { Hub } from './hub';
import { useCopyReport } from './report';
import { TaskView } from './task';

const AGES_GROW = 30000;

/** The panel as a widget of Lab's or Notebook's side area. */
export class PanelWidget extends ReactWidget {
  constructor(
    private _controller: Controller,
    private _trans: ITrans
  ) {
    super();
    this.id = 'jp-gokernel-panel';
    this.addClass('jp-gokernel-Panel');
    this.title.icon = goIcon;
    this.title.caption = _trans.__('Go environments');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _trans.__('Go environments'));
  }

  protected render(): JSX.Element {
    return <PanelRoot controller={this._controller} trans={this._trans} />;
  }

  protected onAfterShow(): void {
    void this._controller.setVisible(this.isVisible);
  }

  protected onBeforeHide(): void {
    void this._controller.setVisible(false);
  }
}

function PanelRoot(props: {
  controller: Controller;
  trans: ITrans;
}): JSX.Element {
  const { store } = props.controller;
  const state = React.useSyncExternalStore(store.subscribe, store.snapshot);
  const now = useNow(state.visible);
  return (
    <PanelContext.Provider value={{ ...props, state, now }}>
      <Content />
    </PanelContext.Provider>
  );
}

/** The time, which goes on only while somebody looks. */
function useNow(visible: boolean): number {
  const [, tick] = React.useReducer((n: number) => n + 1, 0);
  React.useEffect(() => {
    const timer = visible ? setInterval(tick, AGES_GROW) : undefined;
    return () => clearInterval(timer);
  }, [visible]);
  return Date.now();
}

function Content(): JSX.Element {
  const { state, controller, trans } = usePanel();
  const [copyReport, notCopied] = useCopyReport();
  const passive = passiveWords(state.server, state.version, trans);
  if (passive) {
    return (
      <div className="jp-gokernel-Passive">
        <Title />
        <p role="status">{passive}</p>
        {passiveCommands(state.server).map(one => (
          <Command key={one} command={one} />
        ))}
        <Button
          label={trans.__('Look again')}
          onClick={() => void controller.reconnect()}
        />
      </div>
    );
  }
  const environments = shown(state);
  const failure = state.failures[''];
  return (
    <>
      <div className="jp-gokernel-Header">
        <Title />
        {state.loaded && (
          <div className="jp-gokernel-Buttons">
            <Button
              label={trans.__('Check all')}
              disabled={isChecking(state, '')}
              onClick={() => void controller.check('')}
            />
            {copyReport}
          </div>
        )}
      </div>
      {notCopied}
      <Hub />
      {failure && (
        <Trouble
          problem={failure}
          onDismiss={() => controller.dismissFailure('')}
        />
      )}
      {tasksOf(state, '').map(task => (
        <TaskView key={task.id} task={task} />
      ))}
      {noticesOf(state, null).map(one => (
        <Trouble
          key={one.id}
          problem={{ message: one.text, remedy: null }}
          onDismiss={() => controller.dismiss(one.id)}
        />
      ))}
      <div className="jp-gokernel-Cards" aria-busy={!state.loaded}>
        {environments.map(one => (
          <Card key={one.id} environment={one} />
        ))}
      </div>
      {state.loaded && environments.length === 0 && !failure && (
        <p className="jp-gokernel-hint">
          {trans.__('There is no Go environment here.')}
        </p>
      )}
    </>
  );
}

function Title(): JSX.Element {
  const { trans } = usePanel();
  return <h2>{trans.__('Go environments')}</h2>;
}
