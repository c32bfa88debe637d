// Cornerstone3D, started once, when the first study is opened.

import {
  cache,
  getConfiguration,
  getShouldUseCPURendering,
  imageLoader,
  metaData,
  RenderingEngine,
  init as startCore,
} from "@cornerstonejs/core";
import { addTool, PanTool, init as startTools, WindowLevelTool, ZoomTool } from "@cornerstonejs/tools";
import { onSessionEnd } from "../../state/session-signal.ts";
import { clearImages, load, metadataOf, SCHEME } from "./loader.ts";

/** Tools that Cornerstone brings and the page offers. */
export const TOOLS = [WindowLevelTool, PanTool, ZoomTool] as const;

const CONTEXTS = 2; // of WebGL: old machines have few, and a study has seldom more than two views on screen

let engine: RenderingEngine | null = null;

/** The engine; the address `?render=cpu` keeps it off the graphics card. */
export function start(): RenderingEngine {
  if (engine !== null) return engine;
  const useCPURendering = new URLSearchParams(location.search).get("render") === "cpu";
  startCore({ ...getConfiguration(), rendering: { useCPURendering, webGlContextCount: CONTEXTS } });
  startTools();
  imageLoader.registerImageLoader(SCHEME, load);
  metaData.addProvider(metadataOf, 1000);
  onSessionEnd(() => {
    cache.purgeCache(); // images of patients
    clearImages();
  });
  for (const tool of TOOLS) addTool(tool);
  engine = new RenderingEngine("osteon");
  return engine;
}

/** Whether images are rendered on the CPU, because there is no WebGL. */
export function onProcessor(): boolean {
  return getShouldUseCPURendering();
}
