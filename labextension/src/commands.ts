import { JupyterFrontEnd } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import { Controller } from './controller';
import { goIcon } from './icons';
import { currentEnvironment } from './state';
import { ITrans } from './words';

export namespace CommandIDs {
  export const open = 'gokernel:open';
  export const check = 'gokernel:check';
  export const deepCheck = 'gokernel:deep-check';
  export const checkAll = 'gokernel:check-all';
}

/** The commands, in the palette too; those of a notebook work where one with Go is in front. */
export function addCommands(
  app: JupyterFrontEnd,
  controller: Controller,
  panel: Widget,
  palette: ICommandPalette | null,
  trans: ITrans
): void {
  const { commands, shell } = app;
  const here = () => currentEnvironment(controller.store.state);
  // JupyterLab lays its sidebars out anew when it has loaded: what was opened before is hidden.
  const open = async () => {
    await app.restored;
    shell.activateById(panel.id);
  };
  const checkHere = async (deep: boolean) => {
    const environment = here();
    if (environment) {
      await open();
      await controller.setOpen(environment.id, true);
      await controller.check(environment.id, deep);
    }
  };

  commands.addCommand(CommandIDs.open, {
    label: trans.__('Show Go Environments'),
    caption: trans.__(
      'The Go of each environment, what is wrong with it, and repairs'
    ),
    icon: goIcon,
    execute: open
  });
  commands.addCommand(CommandIDs.check, {
    label: trans.__("Check This Notebook's Go"),
    isEnabled: () => here() !== null,
    execute: () => checkHere(false)
  });
  commands.addCommand(CommandIDs.deepCheck, {
    label: trans.__("Check This Notebook's Go Deeply"),
    caption: trans.__(
      'Starts kernels, compiles and imports, asks module proxies'
    ),
    isEnabled: () => here() !== null,
    execute: () => checkHere(true)
  });
  commands.addCommand(CommandIDs.checkAll, {
    label: trans.__('Check All Go Environments'),
    execute: async () => {
      await open();
      await controller.check('');
    }
  });
  let before = here()?.id;
  controller.store.subscribe(() => {
    if (here()?.id !== before) {
      before = here()?.id;
      commands.notifyCommandChanged(CommandIDs.check);
      commands.notifyCommandChanged(CommandIDs.deepCheck);
    }
  });
  for (const command of Object.values(CommandIDs)) {
    palette?.addItem({ command, category: trans.__('Go') });
  }
}
