/** What a case is about, in words, for whoever has to end it. */
const WORDS: Readonly<Record<string, string>> = {
  unallocatedPayment: 'paid for an account that is on no list',
  totalsDisagree: 'the sums of a record disagree; its money is booked apart',
  notPostable: 'a record holds what the books cannot; its money, if any, is booked apart',
  idempotencyConflict: 'an id was used for two different things; the second is booked apart',
  entryUnreadable: 'an entry of a journal could not be read',
  receiptUnknown: 'a storno of a payment that is not here',
  paymentAlreadyStornoed: 'a payment was stornoed twice',
  stornoNotOwnShift: 'a storno of another workstation’s payment',
  stornoAfterSettlement: 'a storno after the payment was settled',
  stornoDiffers: 'a storno that is not the payment’s, line by line',
  shiftMismatch: 'a shift closed with other cash than its payments come to',
  receiptNumberTwice: 'two payments bear one receipt number',
  clockSkew: 'a workstation’s clock is ahead',
  journalFork: 'a workstation told two different pasts; it is stopped',
  signatureWrong: 'an entry bears a signature that is not its workstation’s',
  cardOutcomeUnknown:
    'nobody could ask the terminal any more: ask the card centre whether the card was charged',
  cardNotReversed:
    'a card was charged, no payment takes it, and the terminal did not reverse it: refund the payer',
  cardTenderUnproven: 'a card tender rests on no attempt of that amount at that terminal',
  cardConcludedTwice: 'one attempt has two last words: ask the card centre which is true',
  posTotalsDiffer: 'a terminal’s end of day differs from the journal, or its totals are unknown',
  loadOwed: 'a load was paid an hour ago or more and is not known to be on its card',
  loadPaymentStray: 'money was taken for a load that no order fits: refund the payer, or find what was meant',
  loadStornoedOpen: 'the payment of a load was given back while its order was at a card: read the card',
  loadStornoedWritten: 'the payment of a load was given back, and the card has the load',
  loadWrittenOff: 'a load was written off without its card, which is blocked: the holder needs a new one',
  loadWrittenOffFound: 'a load that was written off is on its card after all',
  meterCardIncident: 'a card counts otherwise than it can: copied or rolled back; it is blocked',
};

/** The words for a kind of case; the kind itself where there are none. */
export const caseInWords = (kind: string): string => WORDS[kind] ?? kind;
