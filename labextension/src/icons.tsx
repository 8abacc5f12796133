import { LabIcon } from '@jupyterlab/ui-components';

import { Status } from './contract';

const GO = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 64 64">
  <g fill="none" stroke-width="7">
    <path class="jp-icon3" stroke="#616161" d="M28.8 20.8A14 14 0 1 0 32 32H22" stroke-linejoin="round" stroke-linecap="round"/>
    <circle class="jp-icon3" stroke="#616161" cx="48.2" cy="37" r="9"/>
  </g>
</svg>`;

export const goIcon = new LabIcon({
  name: 'jupyter-gokernel:go',
  // Lab colours what is filled; these are strokes.
  svgstr: GO.replace(
    /class="jp-icon3" stroke="#616161"/g,
    'stroke="currentColor"'
  )
});

// Each has a shape of its own: nobody needs to tell the colours apart.
const SHAPES: Record<Status, string> = {
  ok: '<circle cx="8" cy="8" r="6.5"/><path d="M5 8.2l2.1 2.1L11 6.2"/>',
  info: '<circle cx="8" cy="8" r="6.5"/><path d="M8 7.3v4M8 4.6v.4"/>',
  warn: '<path d="M8 1.8L15 14H1z"/><path d="M8 6.3v3.4M8 11.6v.4"/>',
  error:
    '<path d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z"/><path d="M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6"/>',
  unknown:
    '<circle cx="8" cy="8" r="6.5" stroke-dasharray="2.4 1.7"/><path d="M6.2 6.4a1.8 1.8 0 1 1 2.6 1.5c-.6.3-.8.6-.8 1.2M8 11.2v.4"/>',
  skipped: '<circle cx="8" cy="8" r="6.5"/><path d="M5 8h6"/>'
};

export const statusIcons = Object.fromEntries(
  Object.entries(SHAPES).map(([status, shape]) => [
    status,
    new LabIcon({
      name: `jupyter-gokernel:${status}`,
      svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">${shape}</g></svg>`
    })
  ])
) as Record<Status, LabIcon>;
