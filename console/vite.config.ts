// SPDX-License-Identifier: GPL-3.0-or-later
// The console is a handful of files that the C build puts into the binary. No inline script or style:
// the server's content security policy refuses them.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2020",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
    reportCompressedSize: false,
  },
});
