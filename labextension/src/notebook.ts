import { ILabShell } from '@jupyterlab/application';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { KernelSpec } from '@jupyterlab/services';

import { ICurrent } from './state';

/**
 * Tell which Go kernel the notebook in front runs on, now and whenever that changes;
 * null for a notebook of another language, and where no notebook is in front.
 */
export function followNotebook(
  tracker: INotebookTracker,
  specs: KernelSpec.IManager,
  labShell: ILabShell | null,
  tell: (current: ICurrent | null) => void
): void {
  const look = () => {
    const panel = tracker.currentWidget;
    const inFront = !labShell || labShell.currentWidget === panel;
    const name = panel && inFront ? kernelName(panel) : '';
    const spec = name ? specs.specs?.kernelspecs[name] : undefined;
    tell(
      panel && spec && isGo(spec)
        ? {
            kernel: name,
            display: spec.display_name,
            id: kernelId(panel),
            fromHub: isFromHub(spec)
          }
        : null
    );
  };
  const follow = (panel: NotebookPanel) => {
    panel.sessionContext.kernelChanged.connect(look);
    // A kernel that could not be started leaves its name here only.
    panel.sessionContext.statusChanged.connect(look);
    void panel.sessionContext.ready.then(look, look);
  };
  tracker.forEach(follow); // Notebook 7 opened its one before.
  tracker.widgetAdded.connect((_, panel) => follow(panel));
  tracker.currentChanged.connect(look);
  specs.specsChanged.connect(look);
  labShell?.currentChanged.connect(look);
  look();
}

function kernelName(panel: NotebookPanel): string {
  const context = panel.sessionContext;
  return context.session?.kernel?.name ?? context.kernelPreference.name ?? '';
}

/** Of the kernel that runs; it keeps it when it is restarted. */
function kernelId(panel: NotebookPanel): string {
  const kernel = panel.sessionContext.session?.kernel;
  return kernel && !kernel.isDisposed && kernel.status !== 'dead'
    ? kernel.id
    : '';
}

function isGo(spec: KernelSpec.ISpecModel): boolean {
  return (
    spec.language.toLowerCase() === 'go' ||
    spec.metadata?.gokernel !== undefined
  );
}

/** As our kernelspecs say it: `from_hub` in their configuration. */
function isFromHub(spec: KernelSpec.ISpecModel): boolean {
  const ours = spec.metadata?.gokernel as
    { config?: { from_hub?: unknown } } | undefined;
  return ours?.config?.from_hub === true;
}
