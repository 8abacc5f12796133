import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Status } from './contract';
import { statusIcons } from './icons';
import { currentEnvironment, Store } from './state';
import { ITrans, statusItemWords } from './words';

const AGES_GROW = 60000;

/** The current notebook's Go: visible only where there is one. */
export class StatusItem extends ReactWidget {
  constructor(
    private _store: Store,
    private _trans: ITrans,
    private _open: () => void
  ) {
    super();
    this.id = 'jp-gokernel-status';
    this.addClass('jp-gokernel-StatusItem');
    this._unsubscribe = _store.subscribe(() => this._follow());
    this._timer = setInterval(() => this._follow(), AGES_GROW);
    this._follow();
  }

  /** Whether it may be shown at all. */
  set enabled(enabled: boolean) {
    this._enabled = enabled;
    this._follow();
  }

  dispose(): void {
    clearInterval(this._timer);
    this._unsubscribe();
    super.dispose();
  }

  protected render(): JSX.Element {
    return <Item {...this._shown} onClick={this._open} />;
  }

  /** Draw again only what became different: nothing flickers. */
  private _follow(): void {
    const { state } = this._store;
    const next = statusItemWords(
      state,
      currentEnvironment(state),
      Date.now(),
      this._trans
    );
    this.setHidden(!this._enabled || state.current === null);
    if (
      state.current !== null &&
      JSON.stringify(next) !== JSON.stringify(this._shown)
    ) {
      this._shown = next;
      this.update();
    }
  }

  private _enabled = true;
  private _shown: IShown = { text: '', status: null, sentence: '' };
  private _unsubscribe: () => void;
  private _timer: ReturnType<typeof setInterval>;
}

interface IShown {
  text: string;
  status: Status | null;
  sentence: string;
}

function Item(props: IShown & { onClick: () => void }): JSX.Element {
  const Icon = props.status && statusIcons[props.status];
  return (
    <button
      type="button"
      className="jp-gokernel-StatusButton"
      title={props.sentence}
      aria-label={props.sentence}
      onClick={props.onClick}
    >
      {Icon && (
        <span className={`jp-gokernel-Mark jp-mod-${props.status}`}>
          <Icon.react tag="span" aria-hidden="true" />
        </span>
      )}
      <span>{props.text}</span>
    </button>
  );
}
