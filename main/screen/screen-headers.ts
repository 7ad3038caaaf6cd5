/**
 * What the page may do, as response headers. Both shells send them with every answer: the loopback server over HTTP,
 * Electron with its own scheme.
 */

/** The content security policy of the page. `lines` are the addresses beside its own that it may connect to. */
export const contentSecurityPolicy = (lines: readonly string[]): string =>
  [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src ${["'self'", ...lines].join(' ')}`,
    `frame-ancestors 'none'`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');

/** All headers that go with a file of the page. */
export const screenHeaders = (lines: readonly string[]): Readonly<Record<string, string>> => ({
  'content-security-policy': contentSecurityPolicy(lines),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'camera=(), clipboard-read=(), display-capture=(), geolocation=(), hid=(), microphone=(), payment=(), serial=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // A new version of the workstation must never run with half of the old one's files.
  'cache-control': 'no-cache',
});
