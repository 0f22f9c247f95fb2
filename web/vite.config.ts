import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/",
  // See src/line/session.ts.
  resolve: {
    alias: {
      "moq-lite": new URL("node_modules/@moq/net/lite", import.meta.url).pathname,
      "moq-stream": new URL("node_modules/@moq/net/stream.js", import.meta.url).pathname,
    },
  },
  build: {
    outDir: "../src/vivavoce/web/static",
    emptyOutDir: true,
    target: "es2022",
    // Nothing inlined: the host's content policy allows its own files and nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { index: "index.html", audience: "audience.html", stage: "stage.html", error: "error.html" },
    },
  },
  worker: { format: "es" },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
