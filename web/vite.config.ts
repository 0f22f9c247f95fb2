import { build, type Plugin } from "vite";
import { defineConfig } from "vitest/config";

const PLACE = /<!-- The build puts what begins the worker here[^>]*-->/;

/** What a file becomes alone: one script that needs no other, with the text of its worker in it. */
async function alone(input: string): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: "warn",
    worker: { format: "iife" },
    build: { write: false, target: "es2022", rollupOptions: { input, output: { format: "iife" } } },
  });
  const files = "output" in made ? made.output : [];
  const [script] = files;
  if (files.length !== 1 || script?.type !== "chunk") throw new Error(`${input} is not one script`);
  return script.code.trim();
}

/**
 * The audience page begins its worker by a script that stands in the page itself, and asks for the worker's file before its
 * own: otherwise it would dial only when its own code has run, several round trips later.
 */
function workerAhead(): Plugin {
  return {
    name: "vivavoce:worker-ahead",
    transformIndexHtml: {
      order: "post",
      async handler(page, { path, bundle }) {
        if (!bundle || path !== "/audience.html") return page;
        const files = Object.keys(bundle).filter((name) => name.includes("/watcher.worker-"));
        const script = (await alone("src/audience/ahead.ts")).replace("%WORKER%", `/${files[0]}`);
        if (
          files.length !== 1 ||
          !PLACE.test(page) ||
          script.includes("</script") ||
          script.includes("%WORKER%")
        )
          throw new Error("the audience page has no place for its worker");
        // First: so it goes over the connection that the page came by.
        const link = `<link rel="modulepreload" as="worker" crossorigin href="/${files[0]}">`;
        return page.replace(PLACE, () => `${link}\n    <script id="vivavoce-ahead">${script}</script>`);
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
