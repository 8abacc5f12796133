import {
  ILabShell,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Api } from './api';
import { addCommands, CommandIDs } from './commands';
import { Controller } from './controller';
import { followNotebook } from './notebook';
import { PanelWidget } from './panel/panel';
import { Store } from './state';
import { StatusItem } from './status';

const PLUGIN_ID = 'jupyter-gokernel:plugin';
// After what Lab and Notebook bring themselves.
const PANEL_RANK = 900;
const TOP_RANK = 900;

/** What only one of Lab and Notebook 7 has is optional. */
const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description:
    'The Go of your notebooks: version, environment, findings, repairs.',
  autoStart: true,
  optional: [
    ITranslator,
    ISettingRegistry,
    ICommandPalette,
    INotebookTracker,
    ILabShell,
    IStatusBar
  ],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    settings: ISettingRegistry | null,
    palette: ICommandPalette | null,
    tracker: INotebookTracker | null,
    labShell: ILabShell | null,
    statusBar: IStatusBar | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_gokernel');
    const manager = app.serviceManager;
    const controller = new Controller(
      new Store(),
      new Api(manager.serverSettings, trans)
    );

    const panel = new PanelWidget(controller, trans);
    app.shell.add(panel, 'right', { rank: PANEL_RANK, type: 'Go' });
    const status = new StatusItem(controller.store, trans, () => {
      void app.commands.execute(CommandIDs.open);
    });
    if (statusBar) {
      const isActive = () => status.isVisible;
      statusBar.registerStatusItem(PLUGIN_ID, {
        item: status,
        align: 'left',
        rank: 90,
        isActive
      });
    } else if (!labShell) {
      app.shell.add(status, 'top', { rank: TOP_RANK });
    }

    addCommands(app, controller, panel, palette, trans);
    manager.events.stream.connect((_, event) =>
      controller.onEvent({ ...event })
    );
    const lookAtPage = () => {
      void controller.setPageVisible(document.visibilityState === 'visible');
    };
    document.addEventListener('visibilitychange', lookAtPage);
    lookAtPage();
    if (tracker) {
      void Promise.all([app.restored, manager.ready]).then(() =>
        followNotebook(tracker, manager.kernelspecs, labShell, current => {
          void controller.setCurrent(current);
        })
      );
    }
    void settings?.load(PLUGIN_ID).then(
      loaded => {
        const follow = () => {
          controller.settings = {
            checkOnOpen: loaded.get('checkOnOpen').composite !== false,
            checkAge: Number(loaded.get('checkAge').composite ?? 10)
          };
          status.enabled = loaded.get('showStatus').composite !== false;
        };
        loaded.changed.connect(follow);
        follow();
      },
      () => undefined // No schema on this server: the settings' defaults stay.
    );
  }
};

export default plugin;
