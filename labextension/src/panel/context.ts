import * as React from 'react';

import { Controller } from '../controller';
import { IState } from '../state';
import { ITrans } from '../words';

/** What every part of the panel needs. */
export interface IPanel {
  state: IState;
  controller: Controller;
  trans: ITrans;
  /** The time that ages are counted to, in milliseconds. */
  now: number;
}

export const PanelContext = React.createContext<IPanel | null>(null);

export function usePanel(): IPanel {
  const panel = React.useContext(PanelContext);
  if (panel === null) {
    throw new Error('outside of the panel');
  }
  return panel;
}
