import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright-core';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Stricter than any shell: what works under this works in both. */
const POLICY = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'`;

const MEDIA: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

export type FakePages = {
  /** Opens the window in a new page of 1366 × 768, e.g. `at=login&lang=ru`; fails on any console error or CSP breach. */
  open(query: string, options?: { readonly zoom?: number; readonly dark?: boolean }): Promise<FakePage>;
  close(): Promise<void>;
};

export type FakePage = {
  readonly page: Page;
  /** What the console complained of: must be empty. */
  readonly complaints: readonly string[];
};

/** Builds the window with its fake core host, serves it on a free loopback port, starts a Chromium. */
export async function startFakePages(): Promise<FakePages> {
  const folder = await mkdtemp(join(tmpdir(), 'komis-window-'));
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const from = join(ROOT, 'renderer/src/testing');
  const options = [
    '--outDir',
    folder,
    '--emptyOutDir',
    '--base',
    './',
    '--assetsInlineLimit',
    '0',
    '--logLevel',
    'error',
  ];
  await promisify(execFile)(process.execPath, [vite, 'build', from, ...options], { cwd: ROOT });

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = join(folder, path === '/' ? 'index.html' : path);
    void readFile(file).then(
      (content) =>
        response
          .writeHead(200, {
            'content-type': MEDIA[extname(file)] ?? 'application/octet-stream',
            'content-security-policy': POLICY,
          })
          .end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  // An AddressInfo once a TCP server listens.
  const { port } = server.address() as AddressInfo;
  const browser: Browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  });

  return {
    open: async (query, { zoom = 1, dark = false } = {}) => {
      const page = await browser.newPage({
        viewport: { width: Math.round(1366 / zoom), height: Math.round(768 / zoom) },
        deviceScaleFactor: zoom,
        locale: 'az-AZ',
      });
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      if (dark) await page.addInitScript(() => localStorage.setItem('komis.theme', 'dark'));
      await page.goto(`http://127.0.0.1:${port}/?${query}`);
      await page.locator('.strip').waitFor();
      return { page, complaints };
    },
    close: async () => {
      await browser.close();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
