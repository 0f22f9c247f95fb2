// Builds the two pages for tests only: `npx vite build -c ../tests/browser/stock-player/vite.config.mjs` in web/.
const here = import.meta.dirname;
const packages = `${here}/../../../web/node_modules`;

export default {
  root: here,
  base: "./",
  logLevel: "warn",
  resolve: { alias: { "@moq/watch": `${packages}/@moq/watch` } },
  build: {
    outDir: process.env.STOCK_PLAYER_OUT,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    rollupOptions: { input: { index: `${here}/index.html`, side: `${here}/side.html` } },
  },
  worker: { format: "es" },
};
