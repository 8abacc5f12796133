/**
 * Copy a text that is still to come; false where the browser doesn't let us.
 *
 * The promise is handed over within the press of the button: a browser that is asked
 * only when the text has come may have forgotten that somebody pressed one.
 */
export async function copyLater(text: Promise<string>): Promise<boolean> {
  try {
    const blob = text.then(one => new Blob([one], { type: 'text/plain' }));
    blob.catch(() => undefined);
    await navigator.clipboard.write([
      new ClipboardItem({ 'text/plain': blob })
    ]);
    return true;
  } catch {
    // Pages over plain HTTP have no such clipboard, older browsers take no promise.
  }
  try {
    return copyByCommand(await text);
  } catch {
    return false;
  }
}

function copyByCommand(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'jp-gokernel-visuallyHidden';
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) {
      focused.focus();
    }
  }
}
