import { defineConfig } from "vite";
import { leaveOut } from "./plugins/leaveout.ts";

const SERVER = process.env.OSTEON_SERVER ?? "http://127.0.0.1:8042"; // `npm run dev` hands the API on to it

export default defineConfig({
  base: "./",
  plugins: [leaveOut()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: process.env.OSTEON_PAGE ?? "../src/osteon/clinic/page",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // inline pictures would need a laxer content security policy
    chunkSizeWarningLimit: 1300, // Cornerstone3D, fetched with the first study
    modulePreload: { polyfill: false },
  },
  server: { host: "127.0.0.1", proxy: { "/api": SERVER } },
});
