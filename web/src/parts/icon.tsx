// Icons drawn in place, so that nothing has to be fetched and they take the colour of their text.

const PATHS = {
  window: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  pan: "M12 3v18M3 12h18M12 3l-3 3m3-3 3 3M12 21l-3-3m3 3 3-3M3 12l3-3m-3 3 3 3M21 12l-3-3m3 3-3 3",
  zoom: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21",
  length: "M4 20 20 4M4 20l1-5M4 20l5-1M20 4l-1 5M20 4l-5 1",
  angle: "M5 20h15M5 20 16 5M11.5 20a7 7 0 0 0-2.4-5.4",
  cobb: "M4 6l15 3M4 19l15-4M19 9v6M8 7v11",
  calibrate: "M3 9h18v7H3zM7 9v3M11 9v4M15 9v3M19 9v4",
  mark: "M4 4h12v9M4 4v12h8M18 13v8M14 17h8",
  actual: "M4 4h16v16H4zM8 9v6M16 9v6M12 10.500v.01M12 13.500v.01",
  linked: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  zoomIn: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21M10.5 8v5M8 10.5h5",
  zoomOut: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21M8 10.5h5",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  invert: "M5 4h14v16H5zM5 4v16l14-16z",
  rotate: "M20 12a8 8 0 1 1-2.5-5.8M20 3v5h-5",
  rotateLeft: "M4 12a8 8 0 1 0 2.5-5.8M4 3v5h5",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  flip: "M12 3v18M9 6 4 18h5zM15 6l5 12h-5z",
  reset: "M4 12a8 8 0 1 0 3-6.2M4 4v5h5M12 8v4l3 2",
  boxes: "M4 6h10v10H4zM17 9h3v11H9v-1",
  heat: "M12 3c1 4 5 5 5 10a5 5 0 0 1-10 0c0-2 1-3 2-4 0 2 1 2.5 2 2.5 1.5 0 2-1.5 1.500-3.500-.5-2-.5-3-.5-5z",
  original: "M4 5h16v14H4z",
  layout: "M4 5h16v14H4zM12 5v14",
  erase: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
  back: "M19 12H5M11 6l-6 6 6 6",
  previous: "M6 15l6-6 6 6",
  next: "M6 9l6 6 6-6",
  traffic: "M7 4v16M3 8l4-4 4 4M17 20V4M13 16l4 4 4-4",
  upload: "M12 16V4M7 9l5-5 5 5M4 15v5h16v-5",
  folder: "M3 6h6l2 2h10v11H3z",
  camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 10a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z",
  image: "M5 3h14v18H5zM12 6v12M9 8.500c2 1 4 1 6 0M9 12c2 1 4 1 6 0M9 15.500c2 1 4 1 6 0",
  eye: "M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.4-1 .9-1 1.700M12 17v.01",
  logout: "M14 4h6v16h-6M4 12h11M11 8l4 4-4 4",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.500 10 17.500 19.500 7",
  cross: "M7 7l10 10M17 7 7 17",
  warning: "M12 4 2.500 20h19zM12 10v5M12 17.500v.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
