import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Widget } from '@lumino/widgets';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-gokernel:plugin',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    const panel = new Widget();
    panel.id = 'jp-gokernel-panel';
    panel.title.label = 'Go';
    app.shell.add(panel, 'right', { rank: 900 });
  }
};

export default plugin;
