/** Hands a PDF to the person as a download named after its number. */
export function savePdf(page: Window, base64: string, name: string): void {
  const bytes = Uint8Array.from(page.atob(base64), (character) => character.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/pdf' }));
  const link = page.document.createElement('a');
  link.href = address;
  link.download = `${name}.pdf`;
  link.click();
  // The browser has taken its copy by then.
  page.setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
