import bwip from 'bwip-js';

/** A rectangle of black in modules. */
export type Bar = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Symbol2d = { readonly modules: number; readonly bars: readonly Bar[] };

/** A QR code of level M as rectangles: each run of black in a row is one. Without its quiet zone. */
export function qrSymbol(data: string): Symbol2d {
  const [matrix] = bwip.raw('qrcode', data, 'eclevel=M');
  if (matrix === undefined || !('pixs' in matrix))
    throw new TypeError('bwip-js gave no matrix for a QR code');
  const { pixs, pixx, pixy } = matrix;
  const bars: Bar[] = [];
  for (let y = 0; y < pixy; y += 1) {
    for (let x = 0; x < pixx;) {
      let width = 0;
      while (x + width < pixx && pixs[y * pixx + x + width] === 1) width += 1;
      if (width > 0) bars.push({ x, y, width, height: 1 });
      x += width + 1;
    }
  }
  return { modules: pixx, bars };
}

/** A Code 128 symbol as bars of height 1, without its quiet zones. */
export function code128Symbol(data: string): Symbol2d {
  const [spaces] = bwip.raw('code128', data, '');
  if (spaces === undefined || !('sbs' in spaces)) throw new TypeError('bwip-js gave no bars for a Code 128');
  const bars: Bar[] = [];
  let x = 0;
  // Widths of bar, space, bar, …
  spaces.sbs.forEach((width, i) => {
    if (i % 2 === 0) bars.push({ x, y: 0, width, height: 1 });
    x += width;
  });
  return { modules: x, bars };
}
