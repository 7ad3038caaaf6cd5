import { useEffect, useRef } from 'react';
import { code128, qrcode } from 'bwip-js/browser';
import type { DocumentBlock, ReceiptDocument } from '../../../contracts/receipt.ts';

/** A receipt as on paper, from the same document the printer gets. */
export function ReceiptPaper({
  document,
  label,
}: {
  readonly document: ReceiptDocument;
  readonly label: string;
}) {
  return (
    <article className="slip" lang={document.language} aria-label={label} data-testid="receipt">
      {document.blocks.map((block, index) => (
        // Blocks never move within a document.
        // oxlint-disable-next-line react/no-array-index-key
        <Block key={index} block={block} />
      ))}
    </article>
  );
}

function Block({ block }: { readonly block: DocumentBlock }) {
  switch (block.kind) {
    case 'title':
      return <h3 className="slip-title">{block.text}</h3>;
    case 'text':
      return (
        <p className={`slip-text slip-${block.align}${block.strong ? ' slip-strong' : ''}`}>{block.text}</p>
      );
    case 'pair':
      return (
        <p className={`slip-pair${block.strong ? ' slip-strong' : ''}`}>
          <span>{block.label}</span>
          <span>{block.value}</span>
        </p>
      );
    case 'total':
      return (
        <p className="slip-total">
          <span>{block.label}</span>
          <span>{block.value}</span>
        </p>
      );
    case 'rule':
      return <hr className="slip-rule" />;
    case 'stamp':
      return <p className="slip-stamp">{block.text}</p>;
    case 'qr':
      return (
        <figure className="slip-code">
          <Code data={block.data} draw={drawQr} />
          <figcaption>{block.caption}</figcaption>
        </figure>
      );
    case 'barcode':
      return (
        <figure className="slip-code slip-bars">
          <Code data={block.data} draw={drawBars} />
          <figcaption>{block.caption}</figcaption>
        </figure>
      );
  }
}

type Draw = (canvas: HTMLCanvasElement, data: string) => void;
/** `eclevel` belongs to the QR encoder, not to the drawing options that bwip-js declares. */
const QR = { bcid: 'qrcode', scale: 3, eclevel: 'M' };
const drawQr: Draw = (canvas, text) => void qrcode(canvas, { ...QR, text });
const drawBars: Draw = (canvas, text) =>
  void code128(canvas, { bcid: 'code128', text, scale: 2, height: 11 });

/** Drawn on a canvas: an SVG of bwip-js would need inline markup, which the page does not take in. */
function Code({ data, draw }: { readonly data: string; readonly draw: Draw }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) draw(canvas.current, data);
  }, [data, draw]);
  return <canvas ref={canvas} role="img" aria-label={data} />;
}
