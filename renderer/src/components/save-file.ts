/** Hands bytes the core host made to the person as a download of this name. */
function save(page: Window, content: BlobPart, type: string, name: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = page.document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken its copy by then.
  page.setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A PDF, named after its number. */
export function savePdf(page: Window, base64: string, name: string): void {
  const bytes = Uint8Array.from(page.atob(base64), (character) => character.charCodeAt(0));
  save(page, bytes, 'application/pdf', `${name}.pdf`);
}

/** A text file, UTF-8. */
export const saveText = (page: Window, text: string, name: string): void =>
  save(page, text, 'text/plain', name);
