/**
 * Builds the page that verifies: one file that needs no other, and may ask for none.
 *
 * It is served, and it is saved and opened from a disk, where scripts and workers of other files do not run. Its content
 * policy stands in itself, so that it holds there too: only what is in it runs, by hash, and nothing can connect.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { defineConfig, type Plugin } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile"; // well kept; puts scripts and styles into the page

const POLICY_HERE = /<!-- The build puts the content policy here[^>]*-->/;

function hashes(page: string, element: "script" | "style"): string {
  const contents = page.matchAll(new RegExp(`<${element}[^>]*>([\\s\\S]*?)</${element}>`, "g"));
  return [...contents]
    .map(
      ([, text = ""]) => `'sha256-${btoa(String.fromCharCode(...sha256(new TextEncoder().encode(text))))}'`,
    )
    .join(" ");
}

function policy(page: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashes(page, "script")}`,
    `style-src ${hashes(page, "style")}`,
    "img-src data:",
    // The worker is made of a text in the page, and lives under the same policy.
    "worker-src blob:",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The icon too: Vite never puts one into a page. */
function withIcon(page: string, name: string, source: string | Uint8Array): string {
  return page.replace(`./${name}`, `data:image/svg+xml,${encodeURIComponent(String(source))}`);
}

/** Puts the policy before everything that it is about. The host sends the same one. */
function policed(): Plugin {
  return {
    name: "vivavoce:policed",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const file = bundle["verify.html"];
        if (file?.type !== "asset") throw new Error("the page was not built");
        let page = String(file.source);
        for (const [name, one] of Object.entries(bundle)) {
          if (one.type !== "asset" || !name.endsWith(".svg")) continue;
          page = withIcon(page, name, one.source);
          delete bundle[name];
        }
        if (Object.keys(bundle).length !== 1) throw new Error(`it is not one file: ${Object.keys(bundle)}`);
        if (
          !POLICY_HERE.test(page) ||
          / (src|href)="(?!data:)/.test(page.replaceAll(/<script[\s\S]*?<\/script>/g, ""))
        )
          throw new Error("the page asks for another file, or has no place for its policy");
        const meta = `<meta http-equiv="Content-Security-Policy" content="${policy(page)}" />`;
        file.source = page.replace(POLICY_HERE, meta);
      },
    },
  };
}

export default defineConfig({
  plugins: [viteSingleFile(), policed()],
  worker: { format: "iife" },
  build: {
    outDir: "../src/vivavoce/web/static",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2022",
    modulePreload: false,
    rollupOptions: { input: "verify.html" },
  },
});
