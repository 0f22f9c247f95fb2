import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/**
 * The audience page asks for its worker's code with its own: otherwise it does so when its own has run, and for most of it
 * when the worker has begun, each a round trip before the first picture.
 */
function workerAhead(): Plugin {
  return {
    name: "vivavoce:worker-ahead",
    transformIndexHtml: {
      order: "post",
      handler(_page, { path, bundle }) {
        if (!bundle || path !== "/audience.html") return [];
        const files = Object.keys(bundle).filter((name) => /\/watcher\.(start|worker)-[^/]*\.js$/.test(name));
        if (files.length !== 2) throw new Error(`not the worker's two files: ${files}`);
        return files.map((name) => ({
          tag: "link",
          attrs: { rel: "modulepreload", as: "worker", crossorigin: true, href: `/${name}` },
          injectTo: "head",
        }));
      },
    },
  };
}

export default defineConfig({
  base: "/",
  plugins: [workerAhead()],
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
