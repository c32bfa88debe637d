// Cornerstone3D registers every viewport and tool it has, so that a bundler keeps volumes, video, slides, ECG and
// segmentation although the page shows single images. The modules named here become empty: same exports, nothing behind.

import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";

const CORE = "@cornerstonejs/core/dist/esm";
const TOOLS = "@cornerstonejs/tools/dist/esm";
const VTK = "@kitware/vtk.js";

/** What a path in node_modules has to begin with. */
const UNUSED: readonly string[] = [
  ...["ECG", "Planar", "Video", "Volume3D", "WSI"].map((kind) => `${CORE}/RenderingEngine/GenericViewport/${kind}/`),
  ...["BaseVolumeViewport", "ECGViewport", "VideoViewport", "VolumeViewport", "VolumeViewport3D", "WSIViewport"].map(
    (name) => `${CORE}/RenderingEngine/${name}.js`,
  ),
  `${CORE}/RenderingEngine/helpers/stats/`,
  `${CORE}/RenderingEngine/vtkClasses/vtkStreamingOpenGLVolumeMapper`,
  `${CORE}/constants/cpuColormaps.js`,
  `${CORE}/loaders/cornerstone`,
  `${CORE}/loaders/decimatedVolumeLoader.js`,
  `${CORE}/loaders/geometryLoader.js`,
  `${TOOLS}/tools/annotation/planarFreehandROITool/`,
  `${TOOLS}/tools/annotation/splines/`,
  `${TOOLS}/tools/annotation/UltrasoundPleuraBLineTool/`,
  `${TOOLS}/tools/displayTools/`,
  `${TOOLS}/tools/segmentation/`,
  `${TOOLS}/utilities/contourSegmentation/`,
  `${TOOLS}/utilities/registerComputeWorker.js`,
  `${TOOLS}/utilities/segmentation/`,
  `${TOOLS}/utilities/vtkjs/`,
  `${VTK}/Filters/`,
  `${VTK}/IO/`,
  `${VTK}/Interaction/Widgets/`,
  `${VTK}/Rendering/Core/ColorTransferFunction/ColorMaps.json.js`,
  `${VTK}/Rendering/Core/CubeAxesActor.js`,
  `${VTK}/Rendering/Core/ScalarBarActor.js`,
  `${VTK}/Rendering/OpenGL/glsl/vtkVolumeFS.glsl.js`,
  `${VTK}/Rendering/OpenGL/ImageCPRMapper.js`,
  `${VTK}/Rendering/OpenGL/VolumeMapper.js`,
  `${VTK}/Rendering/WebGPU/`,
  ...["displayset", "safeFunctions", "utilities/dicomStream"].map(
    (room) => `@cornerstonejs/metadata/dist/esm/${room}/`,
  ),
  "@cornerstonejs/calculate-suv/",
  "clipper2-ts/",
];

/** What is needed of those: Cornerstone listens with a function of it. */
const NEEDED = `${TOOLS}/utilities/segmentation/InterpolationManager/InterpolationManager.js`;

/** In these folders all but the files named are unused. */
const KEPT: readonly { folder: string; files: readonly string[] }[] = [
  { folder: `${TOOLS}/tools/annotation/`, files: [] },
  { folder: `${TOOLS}/tools/`, files: ["index.js", "PanTool.js", "WindowLevelTool.js", "ZoomTool.js"] },
];

/** Path within node_modules, or nothing for a file elsewhere. */
function place(id: string): string | undefined {
  const at = id.lastIndexOf("/node_modules/");
  return at < 0 ? undefined : id.slice(at + "/node_modules/".length).split("?")[0];
}

/** Whether a module is left out of the page. */
export function unused(path: string): boolean {
  if (path === NEEDED) return false;
  if (UNUSED.some((start) => path.startsWith(start))) return true;
  return KEPT.some(({ folder, files }) => {
    const rest = path.startsWith(folder) ? path.slice(folder.length) : "/";
    return !rest.includes("/") && rest.endsWith(".js") && !files.includes(rest);
  });
}

/** The plugin of Vite that empties them. */
export function leaveOut(): Plugin {
  return {
    name: "leave-out",
    enforce: "pre",
    async load(id) {
      const path = place(id);
      if (path === undefined || !unused(path)) return null;
      const lines = [path.endsWith(".json.js") ? "const none = [];" : "function none() {}"];
      for (const statement of this.parse(await readFile(id, "utf8")).body) {
        if (statement.type === "ExportDefaultDeclaration") lines.push("export default none;");
        if (statement.type === "ExportAllDeclaration") {
          const name = statement.exported?.type === "Identifier" ? ` as ${statement.exported.name}` : "";
          lines.push(`export *${name} from ${JSON.stringify(statement.source.value)};`);
        }
        if (statement.type !== "ExportNamedDeclaration") continue;
        for (const specifier of statement.specifiers) {
          if (specifier.exported.type === "Identifier") lines.push(`export { none as ${specifier.exported.name} };`);
        }
        const made = statement.declaration;
        if (made?.type === "VariableDeclaration") {
          for (const one of made.declarations) {
            if (one.id.type !== "Identifier") continue;
            const list = one.init?.type === "ArrayExpression"; // lists are walked through when they are imported
            lines.push(list ? `export const ${one.id.name} = [];` : `export { none as ${one.id.name} };`);
          }
        } else if (made?.type === "FunctionDeclaration" || made?.type === "ClassDeclaration") {
          if (made.id) lines.push(`export { none as ${made.id.name} };`);
        }
      }
      return { code: lines.join("\n"), map: null };
    },
  };
}
